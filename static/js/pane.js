/* The open conversation: its timeline, its place, what is read of it, its composer, and what the server tells of it. */

import { on } from "./dom.js";
import { Acts } from "./acts.js";
import { Composer } from "./composer.js";
import { localise } from "./dates.js";
import { meet } from "./people.js";
import { elements, fetchPart, page, store, text } from "./page.js";
import { Reading } from "./reading.js";
import { Scroll } from "./scroll.js";
import { Timeline } from "./timeline.js";

/** Return where the reader left a conversation, unless what came since is rather to be stood at. */
export function leftAt({ dataset }) {
  const place = "atEnd" in dataset || dataset.jumpTo ? null : store.get(`place:${dataset.conversation}`);
  const [last, read] = [Number(dataset.lastSeq), Number(dataset.readSeq)];
  return place && (last === read || read < place.newest) ? place : null;
}

export class Pane {
  #socket;
  #live;
  #outbox;
  #onRights;
  #onJump;
  #stopped;
  #version;
  #wasAway = false;

  constructor(element, { socket, live, outbox, onRead, onNewest, onRights, onJump }) {
    const { dataset } = element;
    this.id = dataset.conversation;
    this.title = dataset.title;
    this.#socket = socket;
    this.#live = live;
    this.#version = Number(dataset.version);
    this.#outbox = outbox;
    this.#onRights = onRights;
    this.#onJump = onJump;
    this.element = element;
    localise(element.querySelector(".pane-top"));
    this.timeline = new Timeline(element.querySelector(".timeline"));
    this.reading = new Reading(this.timeline, Number(dataset.readSeq), (messageId, seq) => {
      socket.command("read", { conversation_id: this.id, message_id: messageId }).then(
        () => onRead(this.id, seq),
        () => {},
      );
    });
    const onPlace = () => this.keepPlace();
    this.scroll = new Scroll(element, this.timeline, { onMove: () => this.reading.look(), onPlace, onNewest });
    this.#showOutbox();
    this.#begin(dataset);
    this.acts = new Acts(this);
    this.composer = this.#compose(element.querySelector("form.composer"));
    this.#resume();
    if (dataset.jumpTo && this.timeline.find(dataset.jumpTo)) this.jump(dataset.jumpTo);
  }

  #begin({ jumpTo, atEnd }) {
    const line = this.reading.drawLine();
    const sought = jumpTo && this.timeline.find(jumpTo);
    const place = leftAt(this.element);
    const left = place && this.timeline.find(place.id);
    if (left) this.scroll.begin(left, place.top);
    else this.scroll.begin(sought || (atEnd === undefined ? line : null));
    this.timeline.box.dataset.ready = "";
  }

  #resume() {
    this.#stopped = new AbortController();
    this.#listen(this.#live);
    this.composer?.resume();
    this.#live.catchUp(this.id, this.#version);
  }

  /** Be open again: as it was left at once, then with what came since. */
  comeBack() {
    const place = store.get(`place:${this.id}`);
    this.#wasAway = true;
    this.timeline.renameDays();
    this.#showOutbox();
    this.scroll.begin(place && this.timeline.find(place.id), place?.top);
    this.fetchHeader();
    this.#resume();
  }

  /** Note where the reader stands, for a reload. */
  keepPlace() {
    if (this.element.isConnected) store.set(`place:${this.id}`, this.scroll.place);
  }

  /** Take over how far the viewer has read, here or elsewhere. */
  read(seq) {
    this.reading.moveTo(seq);
  }

  /** Show a message and point to it; what is not here is visited. */
  jump(messageId) {
    const message = this.timeline.find(messageId);
    if (!message) {
      this.#onJump(messageId);
      return;
    }
    message.scrollIntoView({ block: "center" });
    message.focus({ preventScroll: true });
    message.classList.remove("found");
    requestAnimationFrame(() => message.classList.add("found"));
  }

  stop() {
    this.#version = this.#live.versionOf(this.id);
    this.#stopped.abort();
    this.scroll.stop();
    this.reading.stop();
    this.composer?.stop();
  }

  #compose(form) {
    if (!form) return null;
    return new Composer(form, {
      conversationId: this.id,
      onSend: (content, about, files) => {
        this.reading.clearLine();
        this.#outbox.add(this.id, content, about, files);
        this.scroll.toEnd();
      },
      onEditLast: () => this.acts.editLast(),
      onTyping: () => this.#socket.command("typing", { conversation_id: this.id }).catch(() => {}),
    });
  }

  #listen(live) {
    const { signal } = this.#stopped;
    const hear = (target, name, listener) => on(target, name, (event) => listener(event.detail), { signal });
    const own = (name, listener) => hear(live, name, (frame) => frame.conversation_id === this.id && listener(frame));
    for (const name of ["message.created", "message.synced", "message.updated", "message.deleted"]) {
      own(name, (frame) => this.#put(frame));
    }
    for (const name of ["conversation.updated", "member.joined", "member.left"]) own(name, () => this.fetchHeader());
    own("conversation.updated", ({ data: { my_permissions: rights, archived_at: archived } }) => {
      if (rights && !archived && rights.send_messages === !this.composer) this.#onRights();
    });
    own("conversation.synced", () => this.#meetNews());
    own("receipt.read", ({ data }) => this.#acknowledge(data));
    own("receipt.delivered", ({ data }) => data.user_id !== page.viewer && this.timeline.acknowledge("delivered", data.seq));
    own("attachment.updated", ({ data }) => this.composer?.hearOfFile(data));
    own("state", ({ data }) => {
      this.timeline.acknowledge("read", data.others_read_seq);
      this.timeline.acknowledge("delivered", data.others_delivered_seq);
    });
    hear(this.#outbox, "change", ({ conversationId, entry }) => conversationId === this.id && this.#showEntry(entry));
    hear(this.#socket, "hello", () => {
      this.scroll.resume();
      this.reading.repeat();
      this.composer?.files.resume();
    });
    const look = () => this.reading.look();
    addEventListener("focus", look, { signal });
    addEventListener("pagehide", () => this.keepPlace(), { signal });
    on(document, "visibilitychange", look, { signal });
    on(document, "visibilitychange", () => this.timeline.renameDays(), { signal });
  }

  #put(frame) {
    const { data: message, html } = frame;
    meet(message.sender);
    const { timeline, scroll } = this;
    if (message.client_id && message.sender?.id === page.viewer) this.#outbox.confirm(this.id, message.client_id);
    const isNew = message.seq > timeline.newest;
    if (isNew && scroll.hasNewer) return frame.event === "message.updated" || this.#wait(message);
    if (message.seq < timeline.oldest) return scroll.later(() => timeline.find(message.id) && this.#put(frame));
    const wasPinned = timeline.find(message.id)?.hasAttribute("data-pinned");
    if (wasPinned !== undefined && wasPinned !== message.is_pinned) this.fetchHeader();
    const wasAtEnd = scroll.isAtEnd;
    scroll.hold(() => {
      timeline.put(message, html);
      if (wasAtEnd) scroll.trim("older");
    });
    if (!isNew) return undefined;
    if (message.type === "SYSTEM") this.fetchHeader();
    if (!document.hasFocus() && message.sender?.id !== page.viewer) this.reading.missed();
    if (!wasAtEnd) this.#wait(message);
    if (message.sender?.id === page.viewer) this.reading.moveTo(message.seq);
    return this.reading.look();
  }

  /** Fetch what stands above the conversation anew. */
  async fetchHeader() {
    const response = await fetchPart(`/c/${this.id}/header`);
    if (!response || this.#stopped.signal.aborted) return;
    const [header] = elements(await response.text());
    const current = this.element.querySelector(".pane-top");
    localise(header);
    this.title = header.querySelector("h1").textContent.trim();
    current.replaceWith(header);
    htmx.process(header);
  }

  /** What came while another conversation was open is new: stand where it begins. */
  #meetNews() {
    if (!this.#wasAway) return;
    this.#wasAway = false;
    const line = this.reading.drawLine();
    if (line) this.scroll.standAt(line);
  }

  #showOutbox() {
    for (const entry of this.#outbox.entries(this.id)) this.#showEntry(entry);
  }

  #wait(message) {
    if (message.sender?.id !== page.viewer) this.scroll.waiting += 1;
  }

  #acknowledge({ user_id: userId, seq }) {
    if (userId === page.viewer) return;
    this.timeline.acknowledge("read", seq);
  }

  /** Show an entry of the outbox as it now is. */
  #showEntry(entry) {
    const { timeline, scroll, id } = this;
    const { clientId, state } = entry;
    const standing = timeline.findPending(clientId);
    if (!standing && state === "sent") return;
    scroll.hold(() => {
      const bubble = standing ?? timeline.putPending(entry);
      const retry = () => this.#outbox.retry(id, clientId);
      const discard = () => {
        this.#outbox.discard(id, clientId);
        timeline.remove(bubble);
        this.composer?.restore(entry.content);
      };
      timeline.setPendingState(bubble, state, entry.refused ?? entry.reason ?? text("waits"), retry, discard);
    });
  }
}
