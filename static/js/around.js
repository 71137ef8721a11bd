/* What stands around the conversation: the pane at the right, the bar while there is no connection, the tab's title and icon. */

import { byId, on, onClick, one } from "./dom.js";
import { localise } from "./dates.js";
import { toast } from "./menu.js";
import { page, text } from "./page.js";

// Most interruptions are over before anybody need know of them.
const PATIENCE = 1_000;
const side = byId("side");
const icon = one("[rel=icon]");
const plain = icon.href;

/** Close the pane at the right, and go on where one was. */
export function closeSide() {
  side.replaceChildren();
  one(".timeline")?.focus({ preventScroll: true });
}

/** Let the pane at the right go if it is about another conversation than this. */
export function matchSide(id) {
  const about = one("[data-about]", side);
  if (about && about.dataset.about !== id) side.replaceChildren();
}

onClick(side, ".side-close", closeSide);
on(side, "htmx:afterSwap", () => {
  localise(side);
  one("h2", side)?.focus();
});
onClick(document, "[data-copy]", async ({ dataset }) => {
  await navigator.clipboard.writeText(dataset.copy);
  toast(text("copied"));
});

/** Show a quiet bar while the socket has no connection. */
export function watchConnection(socket) {
  const bar = byId("status");
  let timer;
  const show = (isShown) => {
    timer = clearTimeout(timer);
    bar.hidden = !isShown;
    bar.textContent = text(navigator.onLine ? "connecting" : "offline");
  };
  // Each attempt that fails says so again: the first counts.
  const wait = () => (timer ||= setTimeout(show, PATIENCE, true));
  socket.hear("down", wait);
  socket.hear("hello", () => show(false));
  wait();
}

/** Show a count of unread messages in the tab's title, beside a conversation's, and in its icon. */
export function showUnread(count, title) {
  const name = (title ? `${title} — ` : "") + page.site;
  document.title = count ? `(${count}) ${name}` : name;
  const [label, size] = count > 99 ? ["99+", 27] : [count, 40];
  icon.href = count ? text("icon", { label, size }) : plain;
}
