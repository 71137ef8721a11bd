/* Other people: their names, as the page has met them, who is online, and who is writing where. */

import { all, byId, one } from "./dom.js";
import { page, text } from "./page.js";

const names = new Map([[page.viewer, page.name]]);
const asked = new Map();

/** Remember the name of a message's or a conversation's person. */
export const meet = (person) => person && names.set(person.id, person.display_name);

/** Return the name of a person as far as it is known. */
export const nameOf = (id) => names.get(id);

/** Resolve to the name of a person. */
export async function askName(id) {
  if (!names.has(id) && !asked.has(id)) asked.set(id, fetchName(id));
  await asked.get(id);
  return nameOf(id) ?? text("somebody");
}

async function fetchName(id) {
  const response = await fetch(`/api/v1/users/${id}`).catch(() => null);
  if (response?.ok) meet(await response.json());
  else asked.delete(id);
}

/** Put names where the server, which speaks to everybody alike, could only count people. */
export function namePeople(root) {
  for (const element of all("[data-people]", root)) {
    const ids = element.dataset.people.split(" ");
    delete element.dataset.people;
    if (ids.length > 3) continue;
    const list = new Intl.ListFormat(document.documentElement.lang);
    Promise.all(ids.map(askName)).then((known) => (element.textContent = list.format(known)));
  }
}

/** Show who is online on the avatars of the rows, of the people whose DMs these are; `onChange` is called with the conversation of somebody who came or went. */
export function watchPresence(socket, live, onChange) {
  const WATCHED_MOST = 200;
  const SETTLE = 300;
  const rows = byId("rows");
  let watched = "";
  let timer = 0;

  function show({ user_id: id, online }) {
    for (const row of all(`.row[data-peer="${id}"] .avatar`, rows)) {
      if (row.classList.contains("avatar-online") === Boolean(online)) continue;
      row.classList.toggle("avatar-online");
      onChange(row.closest(".row").dataset.conversation);
    }
  }

  function watch() {
    const ids = new Set(all("[data-peer]", rows).map((row) => row.dataset.peer));
    const wanted = [...ids].slice(0, WATCHED_MOST).sort();
    if (wanted.join() === watched || !socket.connected) return;
    watched = wanted.join();
    socket.command("presence.watch", { user_ids: wanted }).then(({ results }) => results.forEach(show), forget);
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(watch, SETTLE);
  }

  const forget = () => (watched = "");
  socket.hear("down", forget);
  socket.hear("hello", later);
  new MutationObserver(later).observe(rows, { childList: true });
  live.hear("presence", ({ data }) => show(data));
}

/**
 * Show who is writing, in the row of the list and under the title, for as long as it goes on; return what shows it of a
 * conversation, in whatever part of the page shows that.
 */
export function watchTyping(live) {
  // Told every three seconds while somebody writes: twice missed, it is over.
  const LASTS = 6_500;
  const everywhere = new Map();
  const writersOf = (id) => everywhere.get(id) ?? everywhere.set(id, new Map()).get(id);

  async function show(id) {
    const writers = [...writersOf(id).keys()];
    const count = writers.length;
    const names = count > 2 ? [] : await Promise.all(writers.map(askName));
    const [first, other] = names.map((name) => name.split(" ")[0]);
    const form = ["", "typing_one", "typing_two"][count] ?? "typing_many";
    for (const place of all(`[data-conversation="${id}"]`)) {
      const words = count && text(place.dataset.type === "DM" ? "typing" : form, { one: first, other, count });
      one(".row-typing, .typing", place).textContent = words || "";
    }
  }

  function stop(id, userId) {
    const writers = writersOf(id);
    clearTimeout(writers.get(userId));
    if (writers.delete(userId)) show(id);
  }

  live.hear("typing", ({ id, data: { user_id: userId, action } }) => {
    if (userId === page.viewer) return;
    stop(id, userId);
    if (action === "cancel") return;
    writersOf(id).set(userId, setTimeout(stop, LASTS, id, userId));
    show(id);
  });
  live.hear("message.created", ({ id, data }) => stop(id, data.sender?.id));
  return show;
}
