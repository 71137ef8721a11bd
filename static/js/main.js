/* The chat's page: puts the parts together, and follows which conversation is open. */

import { closeSide, matchSide, showUnread, watchConnection } from "./around.js";
import { localise } from "./dates.js";
import { all, byId, focusIn, on, onClick, one, onKey } from "./dom.js";
import { watchList } from "./list.js";
import { makeLive } from "./live.js";
import { openDialog, toast } from "./menu.js";
import { watchPresence, watchTyping } from "./others.js";
import { makeOutbox } from "./outbox.js";
import { equip, leave, page, probe, text, wipe } from "./page.js";
import { leftAt, makePane } from "./pane.js";
import { watchBorder } from "./resize.js";
import { matchSearch, search, watchRows } from "./rows.js";
import { makeSocket } from "./socket.js";

/** Begin: what the page is made of is in it. */
function main() {
  const { body } = document;
  const frame = byId("conversation");
  const socket = makeSocket(page.socket, probe);
  const live = makeLive(socket, page);
  const outbox = makeOutbox(socket);
  const showTyping = watchTyping(live);
  const kept = new Map();
  let pane = null;

  const count = () => showUnread(list.unread(), pane?.title);
  const list = watchList(live, () => queueMicrotask(count));
  import("./notify.js").then(({ watchMessages }) => watchMessages(live, (id) => pane?.id === id && document.hasFocus()));

  function read(id, seq) {
    list.read(id, seq);
    (pane?.id === id ? pane : kept.get(id))?.read(seq);
  }

  /** Load another view into the middle, as a click on a link would. */
  const visit = (address) => htmx.ajax("GET", address, { target: "#conversation" });

  function letGo(id) {
    kept.get(id)?.composer?.files.drop();
    kept.delete(id);
  }

  function closePane() {
    // So many conversations stay as they were left, and are there at once when somebody comes back to them.
    const KEPT = 6;
    if (!pane) return;
    pane.stop();
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
    const element = one(".pane[data-conversation]", frame);
    if (element) {
      const { conversation: id, at } = element.dataset;
      const place = leftAt(element);
      if (place && at === undefined && !one(`[data-id="${place.id}"]`, element)) {
        visit(`/c/${id}?at=${place.id}`);
        return;
      }
      letGo(id);
      pane = makePane(element, { socket, live, outbox, onRead: read, visit });
    }
    showOpen();
  }

  function showOpen() {
    list.open(pane?.id);
    matchSide(pane?.id);
    matchSearch(pane?.id, frame.offsetWidth > 1);
    if (pane) showTyping(pane.id);
    count();
  }

  live.hear("read", ({ id, data }) => read(id, data.last_read_seq));
  live.hear("conversation.updated state", ({ id, data }) => kept.get(id)?.composer?.follow(data.draft));
  live.hear("conversation.synced", ({ id, reset }) => {
    if (reset) {
      letGo(id);
      if (pane?.id === id) visit(`/c/${id}`);
    }
  });
  live.hear("conversation.removed", ({ id, data: { reason } }) => {
    letGo(id);
    if (pane?.id === id) {
      if (reason !== "left") toast(text("gone", { title: pane.title }));
      history.replaceState({ htmx: true }, "", "/");
      visit("/");
    }
  });

  const countWaiting = () => htmx.trigger(body, "waiting");
  live.hear("contact.request contact.updated", countWaiting);
  socket.hear("down", () => socket.hear("hello", countWaiting, { once: true }));
  socket.hear("ended", leave);

  // Before htmx, which fetches what is not kept.
  onClick(byId("rows"), ".row", ({ dataset: { conversation: id }, href }, event) => {
    if (pane?.id === id) return;
    if (comeBack(id)) {
      event.stopPropagation();
      history.pushState({ htmx: true }, "", href);
    }
  }, true);
  on(body, "htmx:beforeSend", ({ target }) => target.matches(".row") && list.open(target.dataset.conversation));
  on(document, "submit", ({ target }) => target.matches("[data-leaves]") && wipe());
  on(body, "htmx:beforeSwap", ({ target }) => target === frame && pane?.keepPlace());
  on(body, "htmx:afterSwap", ({ target }) => target === frame && openPane());
  on(body, "htmx:historyRestore", openPane);
  on(body, "htmx:sendError htmx:sendAbort", ({ type }) => {
    showOpen();
    if (/Error/.test(type)) toast(text("failed"));
  });
  // What is wrong with the server has a page of its own, where a page was asked for.
  on(body, "htmx:responseError", ({ detail: { xhr, target, pathInfo } }) => {
    if (xhr.status >= 500 && target === frame) location.assign(pathInfo.requestPath);
  });

  const openMenu = () => one("details.menu[open]");

  // Shortcuts of the whole page; `?` lists them.
  onKey(document, (key, { ctrlKey, metaKey, altKey }) => {
    if (one("dialog[open]")) return false;
    const withCommand = ctrlKey || metaKey;
    const step = altKey && { ArrowUp: -1, ArrowDown: 1 }[key];
    if (withCommand && key.toLowerCase() === "k") search();
    else if (step) {
      const rows = all("#rows .row");
      rows[rows.findIndex((row) => row.ariaCurrent) + step]?.click();
    } else if (key === "?" && !withCommand && !focusIn("input, textarea, select")) openDialog("/keys");
    else if (key === "Escape" && !one(":popover-open")) stepBack();
    else return false;
    return true;
  });

  function stepBack() {
    const menu = openMenu();
    if (pane?.acts.isSelecting()) pane.acts.unselect();
    else if (menu) {
      menu.open = false;
      menu.firstElementChild.focus();
    } else if (one("#side *")) closeSide();
    else one(".back", frame)?.click();
  }

  on(document, "click", ({ target }) => {
    const menu = openMenu();
    if (menu && !menu.contains(target)) menu.open = false;
  });
  // What is not wanted at once comes when it is.
  onClick(document, "[data-view]", async (link) => (await import("./viewer.js")).view(link));
  const settle = (root) => {
    equip(root);
    localise(root);
  };
  on(body, "htmx:load", ({ detail }) => settle(detail.elt));
  settle(document);
  // What held the place of a picture that came goes.
  const showImage = ({ target: image }) => {
    const hold = image.nextElementSibling;
    if (image.naturalWidth && hold?.matches(".hold")) hold.remove();
  };
  on(document, "load", showImage, true);
  for (const image of all("img")) if (image.complete) showImage({ target: image });

  watchConnection(socket);
  watchRows();
  watchBorder();
  watchPresence(socket, live, (id) => pane?.id === id && pane.fetchHeader());
  openPane();
  socket.open();
}

main();
