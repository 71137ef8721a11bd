/* What stands around the conversation: the pane at the right, the bar while there is no connection, the tab's title and icon. */

import { byId, on, onClick, one } from "./dom.js";
import { copy } from "./menu.js";
import { page, text } from "./page.js";

const side = byId("side");
const icon = one("[rel=icon]");
const plain = icon.href;

// Then the pane at the right covers the conversation, and is an entry of the history: back closes it.
const covers = matchMedia("(width<1275px)");

/** Close the pane at the right, and go on where one was. */
export function closeSide() {
  if (covers.matches && history.state?.side) history.back();
  else empty();
}

function empty() {
  side.replaceChildren();
  one(".timeline")?.focus({ preventScroll: true });
}

/** Let the pane at the right go if it is about another conversation than this. */
export function matchSide(id) {
  if (one("[data-about]", side)?.dataset.about !== id) side.replaceChildren();
}

onClick(side, ".side-close", closeSide);
on(side, "htmx:afterSwap", () => {
  one("h2", side)?.focus();
  if (covers.matches && !history.state?.side) history.pushState({ htmx: true, side: true }, "");
});
// Before htmx, which would fetch the conversation anew.
on(window, "popstate", (event) => {
  if (covers.matches && side.firstElementChild) {
    event.stopImmediatePropagation();
    empty();
  }
}, true);
onClick(document, "[data-copy]", ({ dataset }) => copy(dataset.copy));

/** Show a quiet bar while the socket has no connection. */
export function watchConnection(socket) {
  // Most interruptions are over before anybody need know of them.
  const PATIENCE = 1_000;
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
