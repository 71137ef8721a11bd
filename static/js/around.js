/* What stands around the conversation: the pane at the right, the bar while there is no connection, the tab's title and icon. */

import { byId, on, onClick, one } from "./dom.js";
import { copy, makeSure } from "./menu.js";
import { page, text } from "./page.js";

const side = byId("side");
const icon = one("[rel=icon]");
const plain = icon.href;

// Then the pane at the right covers the conversation.
const narrow = matchMedia("(width<1275px)");
// What covers the page, each a step of the history of an address.
const over = [];
// Whether a step back is under way.
let back;

/** Make what covers the page a step of the history: back is `close`. */
export function cover(close) {
  over.push({ close, address: location.href });
  history.pushState({ htmx: true }, "");
}

/** Go back from what covers the page, if it does; tell whether. */
export function uncover(close) {
  const isCover = over.at(-1)?.close === close;
  if (isCover && !back) {
    back = true;
    history.back();
  }
  return isCover;
}

/** Close the pane at the right, and go on where one was. */
export const closeSide = () => uncover(empty) || empty();

function empty() {
  // Who asks for its address anew does not want what was closed.
  if (/.info/.test(location.pathname)) history.replaceState({ htmx: true }, "", one(".side-close", side)?.href);
  side.replaceChildren();
  one(".timeline")?.focus({ preventScroll: true });
}

/** Let the pane at the right go if it is about another conversation than this. */
export function matchSide(id) {
  if (one("[data-about]", side)?.dataset.about === id) return;
  over.length = 0;
  side.replaceChildren();
}

onClick(side, ".side-close", closeSide);
onClick(side, "[data-sure]", (way) =>
  makeSure(way.dataset.sure, () => {
    delete way.dataset.sure;
    way.click();
  }),
);
on(side, "htmx:afterSwap", ({ target }) => {
  if (target !== side) return;
  one("h2", side)?.focus();
  if (narrow.matches && !over.length) cover(empty);
});
// Nothing is taken from under somebody's hand.
on(side, "htmx:beforeSwap", (event) => event.target !== side && one("[open]", side) && event.preventDefault());
// Before htmx, which would fetch the conversation anew.
on(window, "popstate", (event) => {
  const { close, address } = over.pop() ?? {};
  back = false;
  if (address === location.href) event.stopImmediatePropagation();
  close?.();
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
