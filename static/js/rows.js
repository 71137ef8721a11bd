/* What one does with a conversation of the list: its menu, by mouse, touch and keyboard; and the search above it. */

import { byId, on } from "./dom.js";
import { call, makeSure, openDialog, openMenu, pointOf, postpone, toast } from "./menu.js";
import { text } from "./page.js";

const menu = byId("row-menu");
const HOUR = 3_600_000;

/** Listen for the menu of the rows. */
export function watchRows() {
  on(byId("rows"), "contextmenu", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    event.preventDefault();
    open(row, event.clientX ? { x: event.clientX, y: event.clientY } : pointOf(row));
  });
  const field = byId("search");
  const clear = () => {
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    htmx.trigger(field, "search");
  };
  on(field, "keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      clear();
      field.blur();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      document.querySelector("#found a, #rows .row")?.focus();
    }
  });
  on(document, "click", (event) => {
    const bell = event.target.closest("[data-mute]");
    if (bell) call("PATCH", `conversations/${bell.dataset.of}/me`, { muted_until: bell.dataset.mute || null });
    const { search: id } = event.target.closest("[data-search]")?.dataset ?? {};
    if (id === undefined) return;
    event.preventDefault();
    byId("search-in").value = id;
    field.focus();
    document.querySelector(".sidebar").dataset.sought = "";
  });
}

function may(what, row) {
  const { type, role, saved, muted, pinned, archived, lastSeq, readSeq } = row.dataset;
  const judged = {
    pin: () => pinned === undefined,
    unpin: () => pinned !== undefined,
    read: () => Number(lastSeq) > Number(readSeq),
    unmute: () => muted !== undefined,
    archive: () => archived === undefined,
    unarchive: () => archived !== undefined,
    leave: () => type !== "DM" && role !== "OWNER",
    delete: () => type !== "DM" && role === "OWNER",
    report: () => saved === undefined && role !== "OWNER",
  };
  if (what.startsWith("mute")) return muted === undefined && saved === undefined;
  return judged[what]();
}

function open(row, point) {
  for (const item of menu.querySelectorAll("[data-do]")) item.hidden = !may(item.dataset.do, row);
  openMenu(menu, point, (item) => act(item.dataset.do, row), row);
}

function act(what, row) {
  const { conversation: id } = row.dataset;
  const mine = (changes) => call("PATCH", `conversations/${id}/me`, changes);
  const mute = (hours) => mine({ muted_until: new Date(Date.now() + hours * HOUR).toISOString() });
  const archive = async (isArchived) => {
    if ((await mine({ is_archived: isArchived })) === undefined) return;
    row.parentElement.remove();
    toast(text(isArchived ? "archived" : "unarchived"), () => archive(!isArchived));
  };
  const goes = (words, end) => {
    const show = (isShown) => (row.parentElement.hidden = !isShown);
    show(false);
    postpone(text(words), async () => (await end()) === undefined && show(true), () => show(true));
  };
  const acts = {
    pin: () => mine({ is_pinned: true }),
    unpin: () => mine({ is_pinned: false }),
    "mute-1": () => mute(1),
    "mute-8": () => mute(8),
    mute: () => mine({ muted_until: "forever" }),
    unmute: () => mine({ muted_until: null }),
    archive: () => archive(true),
    unarchive: () => archive(false),
    read: () => row.dataset.last && call("POST", `conversations/${id}/read`, { message_id: row.dataset.last }),
    report: () => openDialog(row.dataset.peer ? `/report?user=${row.dataset.peer}` : `/report?conversation=${id}`),
    leave: () => makeSure("leave", () => goes("left", () => call("POST", `conversations/${id}/leave`))),
    delete: () => makeSure("delete-conversation", () => goes("conversation_deleted", () => call("DELETE", `conversations/${id}`))),
  };
  acts[what]();
}
