/* The chat's page: puts the parts together, and follows which conversation is open. */

import { byId, on } from "./dom.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { equip, fetchPart, leave, page, store, wipe } from "./page.js";
import { leftAt, Pane } from "./pane.js";
import { watchPresence } from "./presence.js";
import { Socket } from "./socket.js";
import { watchConnection } from "./status.js";
import { showShortcuts } from "./keys.js";
import { watchRows } from "./rows.js";
import { closeSide } from "./side.js";
import { Typing } from "./typing.js";
import { showUnread } from "./unread.js";

store.forgetOthers();

const side = byId("side");
const frame = byId("conversation");
const socket = new Socket(page.socket, () => fetchPart(page.probe));
const live = new Live(socket, page);
const outbox = new Outbox(socket);
const typing = new Typing(live);
// So many conversations stay as they were left, and are there at once when somebody comes back to them.
const KEPT = 6;
const kept = new Map();
let pane = null;

const count = () => showUnread(list.unread(), pane?.title);
const list = new List(live, () => queueMicrotask(count));
import("./notify.js").then(({ watchMessages }) => watchMessages(live, (id) => pane?.id === id && document.hasFocus()));

function read(id, seq) {
  list.read(id, seq);
  (pane?.id === id ? pane : kept.get(id))?.read(seq);
}

/** Load another view into the middle, as a click on a link would. */
function visit(address) {
  return htmx.ajax("GET", address, { target: "#conversation" });
}

function letGo(id) {
  kept.get(id)?.composer?.files.drop();
  kept.delete(id);
}

function closePane() {
  if (!pane) return;
  pane.stop();
  letGo(pane.id);
  kept.set(pane.id, pane);
  if (kept.size > KEPT) letGo(kept.keys().next().value);
  pane = null;
}

/** Show a conversation as it was left; tell whether it is kept. */
function comeBack(id) {
  const former = kept.get(id);
  if (!former) return false;
  // What was clicked before comes no more.
  htmx.trigger(".rows", "htmx:abort");
  pane?.keepPlace();
  frame.replaceChildren(former.element);
  closePane();
  kept.delete(id);
  pane = former;
  pane.comeBack();
  showOpen();
  return true;
}

function openPane() {
  closePane();
  const element = frame.querySelector(".pane[data-conversation]");
  if (element) {
    const { conversation: id, at } = element.dataset;
    const place = leftAt(element);
    if (place && at === undefined && !element.querySelector(`[data-id="${CSS.escape(place.id)}"]`)) {
      visit(`/c/${id}?at=${place.id}`);
      return;
    }
    letGo(id);
    pane = new Pane(element, {
      socket,
      live,
      outbox,
      onRead: read,
      onNewest: () => visit(`/c/${pane.id}?newest`),
      onRights: () => visit(`/c/${pane.id}`),
      onJump: (messageId) => visit(`/c/${pane.id}/${messageId}`),
    });
  }
  showOpen();
}

function showOpen() {
  list.open(pane?.id);
  if (pane) typing.show(pane.id);
  count();
}

live.on("read", ({ conversation_id: id, data }) => read(id, data.last_read_seq));
live.on("conversation.updated", ({ conversation_id: id }) => letGo(id));
live.on("conversation.synced", ({ conversation_id: id, reset }) => {
  if (!reset) return;
  letGo(id);
  if (pane?.id === id) visit(`/c/${id}`);
});
live.on("conversation.removed", ({ conversation_id: id }) => {
  letGo(id);
  if (pane?.id !== id) return;
  history.replaceState({ htmx: true }, "", "/");
  visit("/");
});

/** Count the requests anew that wait for an answer. */
async function countWaiting() {
  const response = await fetchPart(page.waiting);
  if (!response) return;
  const count = await response.text();
  for (const badge of document.querySelectorAll("[data-waiting]")) badge.textContent = count;
}
live.on("contact.request", countWaiting);
live.on("contact.updated", countWaiting);
on(socket, "down", () => on(socket, "hello", countWaiting, { once: true }));
live.on("session.revoked", () => fetchPart(page.probe));
on(socket, "ended", leave);

on(byId("rows"), "click", (event) => {
  const row = event.target.closest(".row");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey || pane?.id === row.dataset.conversation) return;
  if (!comeBack(row.dataset.conversation)) {
    list.open(row.dataset.conversation);
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  history.pushState({ htmx: true }, "", row.href);
}, true);
on(document, "submit", ({ target }) => target.matches("[data-leaves]") && wipe());
on(document.body, "htmx:beforeSwap", (event) => event.target === frame && pane?.keepPlace());
on(document.body, "htmx:afterSwap", (event) => event.target === frame && openPane());
on(document.body, "htmx:historyRestore", openPane);
// What is wrong with the server has a page of its own.
on(document.body, "htmx:responseError", ({ detail }) => {
  if (detail.xhr.status >= 500) location.assign(detail.pathInfo.requestPath);
});
on(document, "keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || document.querySelector(":popover-open, dialog[open]")) return;
  if (pane?.acts.selecting) pane.acts.unselect();
  else if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (side.childElementCount) closeSide();
  else if (pane) frame.querySelector(".back").click();
});
on(document, "click", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});
// What is not wanted at once comes when it is.
on(document, "click", async (event) => {
  const link = event.target.closest("[data-view]");
  if (!link || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  event.preventDefault();
  (await import("./viewer.js")).view(link);
});
on(document.body, "htmx:load", ({ detail }) => equip(detail.elt));
equip(document);
// A picture that is not there, or not for this viewer, leaves the initials.
on(document, "error", (event) => event.target.matches?.(".avatar img") && event.target.remove(), true);
for (const image of document.querySelectorAll(".avatar img")) if (image.complete && !image.naturalWidth) image.remove();

const width = store.get("list");
if (width) document.documentElement.style.setProperty("--list", `${width}px`);
if (matchMedia("(width >= 600px)").matches) import("./resize.js");
watchConnection(socket);
watchRows();
showShortcuts();
watchPresence(socket, live, (id) => pane?.id === id && pane.fetchHeader());
openPane();
socket.open();
