/* The conversation list: previews, times, unread counts and order follow what happens; rows that are new are fetched. */

import { all, byId, make, on, one } from "./dom.js";
import { localise } from "./dates.js";
import { elements, fetchPart, isOwn, page, text, wordsOf } from "./page.js";
import { meet, namePeople } from "./others.js";

/** Return how many messages of a row's conversation are unread. */
export const unreadOf = ({ dataset }) => Math.max(0, dataset.lastSeq - dataset.readSeq);

/** Keep the list true. `onChange` is called when a count of unread messages may have changed. */
export function watchList(live, onChange) {
  const rows = byId("rows");
  // The unread counts of conversations whose rows are not here yet.
  const elsewhere = new Map(Object.entries(page.unread));
  // Rows that are being fetched, and whether once more.
  const fetching = new Map();
  let openId;

  const setCurrent = (element, isCurrent) => (element.ariaCurrent = isCurrent ? "page" : null);
  const find = (id) => one(`.row[data-conversation="${id}"]`, rows);
  const audible = () => all(".row:not([data-muted], [data-archived])", rows);

  /** Mark the row of the conversation that is open. */
  function open(id) {
    openId = id;
    for (const row of all(".row", rows)) setCurrent(row, row.dataset.conversation === id);
  }

  /** Another folder comes: what is unread in this one still counts. */
  function change({ target, detail }) {
    if (target !== rows) return;
    for (const row of audible()) elsewhere.set(row.dataset.conversation, unreadOf(row));
    const { folder } = detail.requestConfig.elt.dataset;
    rows.dataset.folder = folder;
    for (const each of all(".folders a")) setCurrent(each, each.dataset.folder === folder);
  }

  /** Take over how far a conversation has been read. */
  function read(id, seq) {
    const row = find(id);
    if (!row || seq < row.dataset.readSeq) return;
    row.dataset.readSeq = seq;
    count(row);
  }

  /** Fetch a row anew, and put it where it belongs; once more where something happened to it meanwhile. */
  async function fetchRow(id) {
    const isUnderWay = fetching.has(id);
    fetching.set(id, isUnderWay);
    if (isUnderWay) return;
    do {
      fetching.set(id, false);
      await fetchOnce(id);
    } while (fetching.get(id));
    fetching.delete(id);
  }

  async function fetchOnce(id) {
    const { folder } = rows.dataset;
    const html = await fetchPart(`/c/${id}/row?folder=${folder}`);
    // Another folder is shown by now.
    if (folder !== rows.dataset.folder) return fetchOnce(id);
    if (html === null) return;
    const [item] = elements(html);
    const row = find(id);
    if (!item) row?.parentElement.remove();
    else if (row) renew(row, item.firstElementChild);
    else {
      rows.prepend(item);
      htmx.process(item);
    }
    settle(rows);
    if (item) sort(find(id));
  }

  function hear({ event, id, data: message, html }) {
    meet(message.sender);
    if (fetching.has(id)) fetching.set(id, true);
    const row = find(id);
    if (!row) {
      if (elsewhere.has(id) && !isOwn(message)) elsewhere.set(id, elsewhere.get(id) + 1);
      if (message.seq && !message.is_deleted) fetchRow(id);
      return;
    }
    const { dataset } = row;
    if (message.seq < dataset.lastSeq) return;
    if (message.seq > dataset.lastSeq && isOwn(message)) dataset.readSeq = message.seq;
    dataset.lastSeq = message.seq;
    dataset.last = message.id;
    dataset.activity = one("time", row).dateTime = message.created_at;
    preview(row, message, elements(html)[0]);
    localise(row);
    count(row);
    sort(row);
    // What a conversation is called and looks like was told while nobody listened.
    const isOldNews = event === "message.synced" && message.type === "SYSTEM";
    if (isOldNews || message.mentions.includes(page.viewer)) fetchRow(id);
  }

  function preview(row, message, bubble) {
    const { type, saved } = row.dataset;
    const isSystem = message.type === "SYSTEM";
    let author = "";
    if (!isSystem && saved === undefined) {
      if (isOwn(message)) author = type !== "CHANNEL" && text("you");
      else author = type === "GROUP" && (message.sender?.display_name ?? text("deleted_account"));
    }
    const said = make("span", {}, ...(isSystem ? one(".pill", bubble).childNodes : [wordsOf(bubble).slice(0, 160)]));
    const shown = one(".row-preview", row);
    shown.replaceChildren(author ? make("span", { className: "row-author" }, `${author}: `) : "", said);
    namePeople(shown);
  }

  function count(row) {
    const unread = unreadOf(row);
    const badge = one(".count", row);
    badge.textContent = unread || "";
    badge.ariaLabel = unread ? text("unread_count", { count: unread }) : "";
    if (!unread) one(".badge-mention", row)?.remove();
    onChange();
  }

  /** Move a row to its place: pinned ones first, then by activity. */
  function sort(row) {
    const item = row.parentElement;
    const rank = ({ dataset }) => ("pinned" in dataset ? "1" : "0") + dataset.activity;
    const next = all(".row", rows).find((other) => other !== row && rank(row) >= rank(other))?.parentElement;
    const isPaged = one(".row-skeleton", rows);
    if (next && item.nextElementSibling !== next) next.before(item);
    else if (!next && isPaged) item.remove(); // it comes again with its page
    else if (!next) rows.append(item);
  }

  /** Make rows that arrived ready: times, names; those that were here already go. */
  function settle(root) {
    if (!rows.contains(root)) return;
    localise(root);
    namePeople(root);
    const seen = new Set();
    for (const row of all(".row", rows)) {
      const { conversation: id, peer } = row.dataset;
      if (seen.has(id)) row.parentElement.remove();
      seen.add(id);
      elsewhere.delete(id);
      if (id === openId) setCurrent(row, true);
      if (peer) meet({ id: peer, display_name: one(".row-title", row).textContent.trim() });
    }
    onChange();
  }

  live.hear("message", hear);
  live.hear("conversation.added conversation.updated", ({ id }) => fetchRow(id));
  live.hear("conversation.removed", ({ id }) => {
    elsewhere.delete(id);
    find(id)?.parentElement.remove();
    onChange();
  });
  live.hear("conversation.synced", ({ id, reset }) => reset && fetchRow(id));
  live.hear("state", ({ id, data }) => {
    // What one chose on another device has no version.
    const { is_pinned: isPinned, is_archived: isArchived, muted_until: until } = data;
    const marks = find(id)?.dataset;
    if (marks && ("pinned" in marks !== isPinned || "archived" in marks !== isArchived || "muted" in marks === !until)) fetchRow(id);
  });
  live.hear("user.updated", ({ data }) => {
    meet(data);
    for (const { dataset } of all(`[data-peer="${data.id}"]`, rows)) live.tell("conversation.updated", { id: dataset.conversation, data });
  });
  live.hear("state read", ({ id, data }) => {
    if (elsewhere.has(id)) elsewhere.set(id, data.unread_count);
    read(id, data.last_read_seq);
  });
  // What was a time of day is a weekday after midnight.
  on(document, "visibilitychange", () => localise(rows));
  on(document.body, "htmx:beforeSwap", change);
  on(document.body, "htmx:load", ({ detail }) => settle(detail.elt));
  settle(rows);

  return {
    open,
    read,
    /** Return how many messages of conversations that are not muted are unread. */
    unread: () => [...audible().map(unreadOf), ...elsewhere.values()].reduce((sum, each) => sum + each, 0),
  };
}

/** Give a row what a fresh one holds. The row itself stays: somebody may be about to click it. */
function renew(row, fresh) {
  for (const { name } of [...row.attributes]) if (!fresh.hasAttribute(name)) row.removeAttribute(name);
  for (const { name, value } of fresh.attributes) row.setAttribute(name, value);
  row.replaceChildren(...fresh.childNodes);
}
