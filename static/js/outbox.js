/* What was sent and is not yet confirmed: kept on the device, one at a time a conversation, again after each reconnect. */

import { on } from "./dom.js";
import { store } from "./page.js";
import { Refused } from "./socket.js";

// A connection that is back so soon has lost nothing that anybody need know of.
const PATIENCE = 2_000;
const nameOf = (conversationId) => `outbox:${conversationId}`;

/** Fires "change" with {conversationId, entry} as its detail; a confirmed entry's state is "sent". */
export class Outbox extends EventTarget {
  #socket;
  #busy = new Set();
  #overdue = 0;

  constructor(socket) {
    super();
    this.#socket = socket;
    on(socket, "hello", () => this.#sendAll());
    on(socket, "down", () => this.#worry());
  }

  /** Return what waits in a conversation, oldest first. */
  entries(conversationId) {
    return store.get(nameOf(conversationId), []);
  }

  /** Send a text; `about` is the message that it answers, `files` are uploads. */
  add(conversationId, content, about = null, files = []) {
    const entry = { clientId: newClientId(), content, about, files, state: "sending" };
    this.#write(conversationId, [...this.entries(conversationId), entry]);
    this.#change(conversationId, entry);
    if (this.#socket.connected) this.#send(conversationId);
    else this.#worry();
  }

  retry(conversationId, clientId) {
    const entry = this.entries(conversationId).find((each) => each.clientId === clientId);
    if (!entry) return;
    this.#mark(conversationId, { ...entry, refused: undefined, reason: undefined }, "sending");
    if (this.#socket.connected) this.#send(conversationId);
    else this.#worry();
  }

  discard(conversationId, clientId) {
    this.#write(conversationId, this.entries(conversationId).filter((each) => each.clientId !== clientId));
  }

  /** The message stands in the timeline, whoever told it. */
  confirm(conversationId, clientId) {
    const entry = this.entries(conversationId).find((each) => each.clientId === clientId);
    if (!entry) return;
    this.discard(conversationId, clientId);
    this.#change(conversationId, { ...entry, state: "sent" });
  }

  async #send(conversationId) {
    if (this.#busy.has(conversationId)) return;
    this.#busy.add(conversationId);
    for (;;) {
      const entry = this.entries(conversationId).find((each) => !each.refused);
      if (!entry || !this.#socket.connected) break;
      if (entry.state !== "sending") this.#mark(conversationId, entry, "sending");
      const goesOn = await this.#sendOne(conversationId, entry);
      if (!goesOn) break;
    }
    this.#busy.delete(conversationId);
  }

  /** Send an entry; tell whether the next may follow. */
  async #sendOne(conversationId, entry) {
    const { clientId, content, about, files } = entry;
    const data = { conversation_id: conversationId, content, client_id: clientId };
    if (about) data.reply_to_id = about.id;
    if (files?.length) data.attachment_ids = files.map(({ id }) => id);
    try {
      await this.#socket.command("message.send", data);
      this.confirm(conversationId, clientId);
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) return false;
      const { retry_after: pause, detail } = error.problem;
      if (pause === undefined) {
        this.#mark(conversationId, { ...entry, refused: detail }, "failed");
        return true;
      }
      this.#mark(conversationId, { ...entry, reason: detail }, "failed");
      setTimeout(() => this.#send(conversationId), pause * 1000);
      return false;
    }
  }

  #sendAll() {
    clearTimeout(this.#overdue);
    for (const conversationId of this.#conversations()) this.#send(conversationId);
  }

  /** Say that messages are not sent, unless the connection is back before anybody wonders. */
  #worry() {
    clearTimeout(this.#overdue);
    this.#overdue = setTimeout(() => {
      for (const conversationId of this.#conversations()) {
        for (const entry of this.entries(conversationId)) {
          if (entry.state === "sending") this.#mark(conversationId, entry, "failed");
        }
      }
    }, PATIENCE);
  }

  #conversations() {
    return store.names().filter((name) => name.startsWith("outbox:")).map((name) => name.slice("outbox:".length));
  }

  #mark(conversationId, entry, state) {
    const marked = { ...entry, state };
    const entries = this.entries(conversationId).map((each) => (each.clientId === entry.clientId ? marked : each));
    this.#write(conversationId, entries);
    this.#change(conversationId, marked);
  }

  #write(conversationId, entries) {
    store.set(nameOf(conversationId), entries.length ? entries : null);
  }

  #change(conversationId, entry) {
    this.dispatchEvent(new CustomEvent("change", { detail: { conversationId, entry } }));
  }
}

/** crypto.randomUUID is there under https and on localhost alone. */
function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
