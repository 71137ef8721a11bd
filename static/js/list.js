/* The conversation list: previews, times, unread counts and order follow what happens; rows that are new are fetched. */

import { byId, make, on } from "./dom.js";
import { localise } from "./dates.js";
import { elements, fetchPart, page, text, wordsOf } from "./page.js";
import { meet, namePeople } from "./people.js";

export class List {
  #rows = byId("rows");
  #onChange;
  // The unread counts of conversations whose rows are not here yet.
  #elsewhere = new Map(Object.entries(page.unread));
  // Rows that are being fetched, and whether once more.
  #fetching = new Map();
  #openId;

  /** `onChange` is called when a count of unread messages may have changed. */
  constructor(live, onChange) {
    this.#onChange = onChange;
    for (const name of ["message.created", "message.synced", "message.updated", "message.deleted"]) {
      live.on(name, (frame) => this.#hear(frame));
    }
    live.on("conversation.added", ({ conversation_id: id }) => this.fetch(id));
    live.on("conversation.updated", ({ conversation_id: id }) => this.fetch(id));
    live.on("conversation.removed", ({ conversation_id: id }) => this.#remove(id));
    live.on("conversation.synced", ({ conversation_id: id, data, reset }) => {
      if (reset || this.#isRenamed(id, data)) this.fetch(id);
    });
    for (const name of ["state", "read"]) {
      live.on(name, ({ conversation_id: id, data }) => {
        if (this.#elsewhere.has(id)) this.#elsewhere.set(id, data.unread_count);
        this.read(id, data.last_read_seq);
      });
    }
    // What was a time of day is a weekday after midnight.
    on(document, "visibilitychange", () => localise(this.#rows));
    on(document.body, "htmx:beforeSwap", (event) => event.target === this.#rows && this.#change(event));
    on(document.body, "htmx:load", (event) => this.#settle(event.detail.elt));
    this.#settle(this.#rows);
  }

  /** Mark the row of the conversation that is open. */
  open(id) {
    this.#openId = id;
    this.#rows.querySelector("[aria-current]")?.removeAttribute("aria-current");
    if (id) this.#find(id)?.setAttribute("aria-current", "page");
  }

  /** Another folder comes: what is unread in this one still counts. */
  #change({ detail }) {
    for (const row of this.#rows.querySelectorAll(".row:not([data-muted])")) this.#elsewhere.set(row.dataset.conversation, unreadOf(row));
    const { folder } = detail.requestConfig.elt.dataset;
    this.#rows.dataset.folder = folder;
    for (const each of document.querySelectorAll(".folders a")) {
      if (each.dataset.folder === folder) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    }
  }

  /** Take over how far a conversation has been read. */
  read(id, seq) {
    const row = this.#find(id);
    if (!row || seq < Number(row.dataset.readSeq)) return;
    row.dataset.readSeq = seq;
    this.#count(row);
  }

  /** Return how many messages of conversations that are not muted are unread. */
  unread() {
    const counts = [...this.#rows.querySelectorAll(".row:not([data-muted])")].map(unreadOf);
    return [...counts, ...this.#elsewhere.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Fetch a row anew, and put it where it belongs; once more where something happened to it meanwhile. */
  async fetch(id) {
    const isUnderWay = this.#fetching.has(id);
    this.#fetching.set(id, isUnderWay);
    if (isUnderWay) return;
    do {
      this.#fetching.set(id, false);
      await this.#fetchOnce(id);
    } while (this.#fetching.get(id));
    this.#fetching.delete(id);
  }

  async #fetchOnce(id) {
    const isOpen = this.#find(id)?.hasAttribute("aria-current") ?? location.pathname.startsWith(`/c/${id}`);
    const response = await fetchPart(`/c/${id}/row?folder=${this.#rows.dataset.folder}${isOpen ? `&open=${id}` : ""}`);
    if (!response) return;
    const [item] = elements(await response.text());
    const row = this.#find(id);
    if (!item) row?.parentElement.remove();
    else if (row) renew(row, item.firstElementChild);
    else {
      this.#rows.prepend(item);
      htmx.process(item);
    }
    if (isOpen) this.open(id);
    this.#settle(this.#rows);
    const standing = this.#find(id);
    if (standing) this.#sort(standing);
  }

  #find(id) {
    return this.#rows.querySelector(`.row[data-conversation="${CSS.escape(id)}"]`);
  }

  #isRenamed(id, { type, title }) {
    const row = this.#find(id);
    return row && type !== "DM" && row.querySelector(".row-title").textContent.trim() !== title;
  }

  #hear({ conversation_id: id, data: message, html }) {
    meet(message.sender);
    if (this.#fetching.has(id)) this.#fetching.set(id, true);
    const row = this.#find(id);
    if (!row) {
      if (this.#elsewhere.has(id) && message.sender?.id !== page.viewer) this.#elsewhere.set(id, this.#elsewhere.get(id) + 1);
      if (message.seq && !message.is_deleted) this.fetch(id);
      return;
    }
    const lastSeq = Number(row.dataset.lastSeq);
    if (message.seq < lastSeq) return;
    row.dataset.lastSeq = message.seq;
    row.dataset.last = message.id;
    if (message.seq > lastSeq && message.sender?.id === page.viewer) row.dataset.readSeq = message.seq;
    this.#preview(row, message, html);
    this.#count(row);
    this.#sort(row);
    if (message.mentions.includes(page.viewer)) this.fetch(id);
  }

  #preview(row, message, html) {
    const isOwn = message.sender?.id === page.viewer;
    const speaks = message.type !== "SYSTEM" && !row.hasAttribute("data-saved");
    let author = "";
    if (speaks && isOwn && row.dataset.type !== "CHANNEL") author = text("you");
    else if (speaks && row.dataset.type === "GROUP") author = message.sender?.display_name ?? text("deleted_account");
    const preview = row.querySelector(".row-preview");
    const said = make("span");
    preview.replaceChildren(said);
    if (message.is_deleted) said.textContent = text("deleted");
    else if (message.type === "SYSTEM") said.append(...elements(html)[0].querySelector(".pill").childNodes);
    else said.textContent = wordsOf(elements(html)[0]).slice(0, 160);
    if (author) {
      said.before(make("span", { className: "row-author" }, `${author}: `));
    }
    namePeople(preview);
    const time = row.querySelector("time");
    time.dateTime = message.created_at;
    row.dataset.activity = message.created_at;
    localise(row);
  }

  #count(row) {
    const unread = unreadOf(row);
    const badge = row.querySelector(".count");
    badge.textContent = unread || "";
    if (!unread) row.querySelector(".badge-mention")?.remove();
    badge.setAttribute("aria-label", unread ? text("unread_count", { count: unread }) : "");
    this.#onChange();
  }

  /** Move a row to its place: pinned ones first, then by activity. */
  #sort(row) {
    const item = row.parentElement;
    const comesBefore = (other) =>
      row.hasAttribute("data-pinned") === other.hasAttribute("data-pinned")
        ? row.dataset.activity >= other.dataset.activity
        : row.hasAttribute("data-pinned");
    const rows = [...this.#rows.querySelectorAll(".row")].filter((other) => other !== row);
    const next = rows.find(comesBefore);
    const end = this.#rows.querySelector(".row-skeleton");
    if (next && item.nextElementSibling !== next.parentElement) next.parentElement.before(item);
    else if (!next && end) item.remove(); // it comes again with its page
    else if (!next) this.#rows.append(item);
  }

  #remove(id) {
    this.#elsewhere.delete(id);
    this.#find(id)?.parentElement.remove();
    this.#onChange();
  }

  /** Make rows that arrived ready: times, names; those that were here already go. */
  #settle(root) {
    if (!this.#rows.contains(root)) return;
    localise(root);
    namePeople(root);
    if (this.#openId) this.#find(this.#openId)?.setAttribute("aria-current", "page");
    const seen = new Set();
    for (const row of this.#rows.querySelectorAll(".row")) {
      if (seen.has(row.dataset.conversation)) row.parentElement.remove();
      seen.add(row.dataset.conversation);
      this.#elsewhere.delete(row.dataset.conversation);
      if (row.dataset.peer) meet({ id: row.dataset.peer, display_name: row.querySelector(".row-title").textContent.trim() });
    }
    this.#onChange();
  }
}

/** Give a row what a fresh one holds. The row itself stays: somebody may be about to click it. */
function renew(row, fresh) {
  for (const { name } of [...row.attributes]) if (!fresh.hasAttribute(name)) row.removeAttribute(name);
  for (const { name, value } of fresh.attributes) row.setAttribute(name, value);
  row.replaceChildren(...fresh.childNodes);
}

function unreadOf(row) {
  return Math.max(0, Number(row.dataset.lastSeq) - Number(row.dataset.readSeq));
}
