/* Keeps a page about people true while it is open: who asks, who answers, who comes and goes. */

import { all, byId, focusIn, on, one } from "./dom.js";
import { makeSocket } from "./socket.js";

const socket = makeSocket("/ws/v1/", () => {});
let timer = 0;
let isLeaving = false;

/** Put what the server shows now in the place of what stands here, and the focus where it was. */
async function refresh() {
  const response = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (!response) return;
  if (!response.ok) {
    location.reload();
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("live");
  const focused = focusIn("#live :is(form, a)");
  byId("live").replaceWith(fresh);
  const way = focused && (focused.getAttribute("action") ?? focused.getAttribute("href"));
  if (way) one(`form[action="${way}"] button, a[href="${way}"]`, fresh)?.focus();
}

function later() {
  const SETTLE = 200;
  clearTimeout(timer);
  if (!isLeaving) timer = setTimeout(refresh, SETTLE);
}

// What the server has to say of a form, it says once: to the page that the form leads to.
on(document, "submit", () => {
  isLeaving = true;
  clearTimeout(timer);
});
on(window, "pageshow", () => (isLeaving = false));

socket.hear("hello", () => {
  const ids = new Set(all("#live [data-person]").map((element) => element.dataset.person));
  socket.command("presence.watch", { user_ids: [...ids].slice(0, 200) }).catch(() => {});
  later();
});
socket.hear("frame", ({ event }) => /^(contact\.|presence$|user\.updated$|sync\.required$)/.test(event) && later());
socket.hear("ended", () => location.reload());
socket.open();
