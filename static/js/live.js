/* Nothing is lost: each conversation has a version without gaps. What is missing, or may be, is fetched by sync. */

import { on } from "./dom.js";
import { Refused } from "./socket.js";

const GAP_PATIENCE = 500;

/**
 * Fires each server event under its own name, with the frame as its detail; and of what sync brings, message.synced a
 * message, conversation.synced, conversation.added and conversation.removed, in the same form.
 */
export class Live extends EventTarget {
  #socket;
  #epoch;
  #versions;
  #ahead = new Map();
  #gaps = new Map();
  #syncing = false;
  #again = false;
  #states = false;

  constructor(socket, { epoch, versions }) {
    super();
    this.#socket = socket;
    this.#epoch = epoch;
    this.#versions = new Map(Object.entries(versions));
    on(socket, "hello", (event) => this.#greet(event.detail));
    on(socket, "frame", (event) => this.#hear(event.detail));
  }

  on(name, listener) {
    on(this, name, (event) => listener(event.detail));
  }

  /** Return how far a conversation is known. */
  versionOf(conversationId) {
    return this.#versions.get(conversationId) ?? 0;
  }

  /** Fetch what came after `version` of a conversation, if anything did: a part of the page was made at that version. */
  catchUp(conversationId, version) {
    if ((this.#versions.get(conversationId) ?? 0) <= version) return;
    this.#versions.set(conversationId, version);
    this.sync();
  }

  /** Ask for all that changed since the versions that are here. */
  async sync() {
    this.#again = true;
    if (this.#syncing) return;
    this.#syncing = true;
    while (this.#again && this.#socket.connected) {
      this.#again = false;
      try {
        const versions = Object.fromEntries(this.#versions);
        this.#take(await this.#socket.command("sync", { versions, states: this.#states }));
      } catch (error) {
        if (!(error instanceof Refused)) break;
        await new Promise((resolve) => setTimeout(resolve, (error.problem.retry_after ?? 5) * 1000));
        this.#again = true;
      }
    }
    this.#syncing = false;
  }

  #greet(hello) {
    if (hello.epoch !== undefined && hello.epoch !== this.#epoch) location.reload();
    this.sync().then(() => (this.#states = true));
  }

  #hear(frame) {
    const { event, conversation_id: id, version } = frame;
    if (event === "sync.required") this.sync();
    else if (version !== undefined && !this.#versions.has(id)) this.sync();
    else if (version === undefined || this.#isNews(id, version)) this.#tell(frame);
  }

  #isNews(id, version) {
    const ahead = this.#ahead.get(id) ?? new Set();
    if (version <= this.#versions.get(id) || ahead.has(version)) return false;
    this.#ahead.set(id, ahead.add(version));
    this.#settle(id);
    return true;
  }

  /** Move a conversation's version over all that came; a gap that stays is fetched. */
  #settle(id) {
    const ahead = this.#ahead.get(id) ?? new Set();
    let version = this.#versions.get(id);
    for (const old of ahead) if (old <= version) ahead.delete(old);
    while (ahead.delete(version + 1)) version += 1;
    this.#versions.set(id, version);
    if (ahead.size === 0) {
      clearTimeout(this.#gaps.get(id));
      this.#gaps.delete(id);
    } else if (!this.#gaps.has(id)) {
      this.#gaps.set(id, setTimeout(() => this.#gaps.delete(id) && this.sync(), GAP_PATIENCE));
    }
  }

  #take({ epoch, conversations, removed, states }) {
    if (epoch !== this.#epoch) location.reload();
    for (const id of removed) this.#tell({ event: "conversation.removed", conversation_id: id, data: {} });
    for (const entry of conversations) this.#takeOne(entry);
    for (const [id, state] of Object.entries(states ?? {})) {
      this.#tell({ event: "state", conversation_id: id, data: state });
    }
  }

  #takeOne({ conversation, messages, has_more: hasMore, reset }) {
    const { id } = conversation;
    if (!this.#versions.has(id)) {
      this.#tell({ event: "conversation.added", conversation_id: id, data: conversation });
      return;
    }
    if (!reset) {
      for (const message of messages) {
        this.#tell({ event: "message.synced", conversation_id: id, data: message, html: message.html });
      }
    }
    this.#versions.set(id, hasMore ? messages.at(-1).version : conversation.version);
    this.#settle(id);
    if (hasMore) this.#again = true;
    else this.#tell({ event: "conversation.synced", conversation_id: id, data: conversation, reset: Boolean(reset) });
  }

  #tell(frame) {
    const { event, conversation_id: id } = frame;
    if (event === "conversation.added" && !this.#versions.has(id)) this.#versions.set(id, frame.data.version);
    if (event === "conversation.removed") this.#versions.delete(id);
    this.dispatchEvent(new CustomEvent(event, { detail: frame }));
  }
}
