/* Keeps a page about people true while it is open: who asks, who answers, who comes and goes. */

import { byId, on } from "./dom.js";
import { Socket } from "./socket.js";

const NEWS = new Set(["contact.request", "contact.updated", "presence", "user.updated", "sync.required"]);
const SETTLE = 200;

const socket = new Socket("/ws/v1/", () => {});
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
  const stale = byId("live");
  const focused = stale.contains(document.activeElement) && document.activeElement.closest("form, a");
  stale.replaceWith(document.adoptNode(fresh));
  const way = focused && (focused.getAttribute("action") ?? focused.getAttribute("href"));
  if (way) fresh.querySelector(`form[action="${CSS.escape(way)}"] button, a[href="${CSS.escape(way)}"]`)?.focus();
}

function later() {
  clearTimeout(timer);
  if (!isLeaving) timer = setTimeout(refresh, SETTLE);
}

// What the server has to say of a form, it says once: to the page that the form leads to.
on(document, "submit", () => {
  isLeaving = true;
  clearTimeout(timer);
});
addEventListener("pageshow", () => (isLeaving = false));

on(socket, "hello", () => {
  const ids = [...document.querySelectorAll("#live [data-person]")].map((element) => element.dataset.person);
  socket.command("presence.watch", { user_ids: [...new Set(ids)].slice(0, 200) }).catch(() => {});
  later();
});
on(socket, "frame", ({ detail }) => NEWS.has(detail.event) && later());
on(socket, "ended", () => location.reload());
socket.open();
