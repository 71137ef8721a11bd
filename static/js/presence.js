/* Who is online, of the people whose DMs stand in the list. */

import { byId, on } from "./dom.js";

const WATCHED_MOST = 200;
const SETTLE = 300;

/** Show it on the avatars of the rows; `onChange` is called with the conversation of somebody who came or went. */
export function watchPresence(socket, live, onChange) {
  const rows = byId("rows");
  let watched = "";
  let timer = 0;

  function show({ user_id: id, online }) {
    for (const row of rows.querySelectorAll(`.row[data-peer="${CSS.escape(id)}"]`)) {
      const { classList } = row.querySelector(".avatar");
      if (classList.contains("avatar-online") === Boolean(online)) continue;
      classList.toggle("avatar-online", Boolean(online));
      onChange(row.dataset.conversation);
    }
  }

  function watch() {
    const ids = [...new Set([...rows.querySelectorAll("[data-peer]")].map((row) => row.dataset.peer))];
    const wanted = ids.slice(0, WATCHED_MOST).sort();
    if (wanted.join() === watched || !socket.connected) return;
    watched = wanted.join();
    socket.command("presence.watch", { user_ids: wanted }).then(({ results }) => results.forEach(show), () => (watched = ""));
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(watch, SETTLE);
  }

  on(socket, "down", () => (watched = ""));
  on(socket, "hello", later);
  new MutationObserver(later).observe(rows, { childList: true });
  live.on("presence", ({ data }) => show(data));
}
