/* The chat's page: puts the parts together, and follows which conversation is open. */

import { List } from "./list.js";
import { Live } from "./live.js";
import { Outbox } from "./outbox.js";
import { fetchPart, leave, page, store } from "./page.js";
import { Pane } from "./pane.js";
import { watchPresence } from "./presence.js";
import { Socket } from "./socket.js";
import { watchConnection } from "./status.js";
import { showShortcuts } from "./keys.js";
import { watchRows } from "./rows.js";
import { closeSide } from "./side.js";
import { Typing } from "./typing.js";
import { showUnread } from "./unread.js";
import { watchPictures } from "./viewer.js";

store.forgetOthers();

const side = document.getElementById("side");
const frame = document.getElementById("conversation");
const socket = new Socket(page.socket, () => fetchPart(page.probe));
const live = new Live(socket, page);
const outbox = new Outbox(socket);
const typing = new Typing(live);
let pane = null;

const count = () => showUnread(list.unread(), pane?.title);
const list = new List(live, () => queueMicrotask(count));

function read(id, seq) {
  list.read(id, seq);
  if (pane?.id === id) pane.read(seq);
}

/** Load another view into the middle, as a click on a link would. */
function visit(address) {
  return htmx.ajax("GET", address, { target: "#conversation" });
}

function openPane() {
  pane?.stop();
  const element = frame.querySelector(".pane[data-conversation]");
  pane =
    element &&
    new Pane(element, {
      socket,
      live,
      outbox,
      onRead: read,
      onNewest: () => visit(`/c/${pane.id}?newest`),
      onRights: () => visit(`/c/${pane.id}`),
      onJump: (messageId) => visit(`/c/${pane.id}/${messageId}`),
    });
  list.open(pane?.id);
  if (pane) typing.show(pane.id);
  count();
}

live.on("read", ({ conversation_id: id, data }) => read(id, data.last_read_seq));
live.on("conversation.synced", ({ conversation_id: id, reset }) => reset && pane?.id === id && visit(`/c/${id}`));
live.on("conversation.removed", ({ conversation_id: id }) => {
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
socket.addEventListener("down", () => socket.addEventListener("hello", countWaiting, { once: true }));
live.on("session.revoked", () => fetchPart(page.probe));
socket.addEventListener("ended", leave);

document.body.addEventListener("htmx:afterSwap", (event) => event.target === frame && openPane());
document.body.addEventListener("htmx:historyRestore", openPane);
// What is wrong with the server has a page of its own.
document.body.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status >= 500) location.assign(detail.pathInfo.requestPath);
});
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || document.querySelector(":popover-open, dialog[open]")) return;
  if (pane?.acts.selecting) pane.acts.unselect();
  else if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (side.childElementCount) closeSide();
  else if (pane) frame.querySelector(".back").click();
});
document.addEventListener("click", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});
// A picture that is not there, or not for this viewer, leaves the initials.
document.addEventListener("error", (event) => event.target.matches?.(".avatar img") && event.target.remove(), true);
for (const image of document.querySelectorAll(".avatar img")) if (image.complete && !image.naturalWidth) image.remove();

watchConnection(socket);
watchRows();
watchPictures();
showShortcuts();
watchPresence(socket, live, (id) => pane?.id === id && pane.fetchHeader());
openPane();
socket.open();
