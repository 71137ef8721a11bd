/* What one does with a conversation of the list: its menu, by mouse, touch and keyboard; and the search above it. */

import { all, byId, on, onClick, one, onKey } from "./dom.js";
import { unreadOf } from "./list.js";
import { call, makeSure, openDialog, openMenu, pointOf, postpone, toast } from "./menu.js";
import { text } from "./page.js";

const field = byId("search");
const inside = byId("search-in");

/** Look for something, in a conversation alone if its id is given. */
export function search(id = "") {
  inside.value = id;
  field.focus();
  htmx.trigger(field, "search");
}

function endSearch() {
  field.value = "";
  search();
  field.blur();
}

/** End the search in a conversation when another is open, or when what it found stands behind it. */
export function matchSearch(id, isSeen) {
  if (inside.value && location.pathname !== "/search" && !(inside.value === id && isSeen)) endSearch();
}

/** Listen for the menu of the rows. */
export function watchRows() {
  const HOLD = 500;
  const rows = byId("rows");
  let since;
  const ask = (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    event.preventDefault();
    open(row, pointOf(row, event));
  };
  on(rows, "contextmenu", ask);
  // Not every phone has that event: a finger that rested on a row asks too, and is no click.
  on(rows.parentElement, "keydown pointerdown pointerup touchend click", (event) => {
    const { type, pointerType, timeStamp } = event;
    if (type.endsWith("down")) since = pointerType === "touch" ? timeStamp : NaN;
    if (!(timeStamp - since > HOLD)) return;
    event.preventDefault();
    event.stopPropagation();
    if (type === "pointerup") setTimeout(ask, 0, event);
  }, true);
  // ↑ and ↓ go through what was found, or the list, from the field and back.
  onKey(one(".sidebar"), (key, { target, altKey }) => {
    const ways = all("#search, #found .pick, #rows .row");
    const step = !altKey && { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step && ways.includes(target)) ways[ways.indexOf(target) + step]?.focus();
    else if (key === "Escape" && target.closest("[role=search], #found")) endSearch();
    else return false;
    return true;
  });
  onClick(document, "[data-mute]", ({ dataset }) => change(dataset.of, { muted_until: dataset.mute || null }));
  onClick(document, "[data-search]", ({ dataset }) => search(dataset.search));
  onClick(document, ".search-inside", endSearch);
  onClick(document, "[data-more]", (way) => open(way.closest(".pane-top"), pointOf(way)));
}

const change = (id, values) => call("PATCH", `conversations/${id}/me`, values);

/** Open the menu of a conversation, by what stands for it: its row, or what stands above it. */
function open(element, point) {
  const { type, role, saved, muted, pinned, archived } = element.dataset;
  const [isMuted, isPinned, isArchived] = [muted, pinned, archived].map((mark) => mark !== undefined);
  const isOwner = role === "OWNER";
  const isDm = type === "DM";
  const may = {
    pin: !isPinned,
    unpin: isPinned,
    read: unreadOf(element),
    mute: !isMuted && saved === undefined,
    unmute: isMuted,
    archive: !isArchived,
    unarchive: isArchived,
    leave: !isDm && !isOwner,
    delete: !isDm && isOwner,
    report: saved === undefined && !isOwner,
  };
  const menu = byId("row-menu");
  for (const item of all("[data-do]", menu)) item.hidden = !may[item.dataset.do];
  openMenu(menu, point, ({ dataset }) => act(dataset, element.dataset), one("[data-more]", element) ?? element);
}

function act({ do: what, set, hours }, { conversation: id, last, peer }) {
  const mine = (values) => change(id, values);
  const item = () => one(`#rows [data-conversation="${id}"]`)?.parentElement;
  const archive = async (isArchived) => {
    if ((await mine({ is_archived: isArchived })) === undefined) return;
    item()?.remove();
    toast(text(isArchived ? "archived" : "unarchived"), () => archive(!isArchived));
  };
  const goes = (question, words, ...end) =>
    makeSure(question, () => {
      const show = (isShown) => item()?.toggleAttribute("hidden", !isShown);
      show(false);
      postpone(text(words), async () => (await call(...end)) === undefined && show(true), () => show(true));
    });
  const acts = {
    mute: () => mine({ muted_until: new Date(Date.now() + hours * 3_600_000) }),
    archive: () => archive(true),
    unarchive: () => archive(false),
    read: () => last && call("POST", `conversations/${id}/read`, { message_id: last }),
    report: () => openDialog(`/report?${peer ? `user=${peer}` : `conversation=${id}`}`),
    leave: () => goes("leave", "left", "POST", `conversations/${id}/leave`),
    delete: () => goes("delete-conversation", "conversation_deleted", "DELETE", `conversations/${id}`),
  };
  if (set) mine(JSON.parse(set));
  else acts[what]();
}
