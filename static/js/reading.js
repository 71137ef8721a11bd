/* What has been read: the line above the first unread message, and telling the server what came into sight. */

import { make } from "./dom.js";
import { page, text } from "./page.js";

const PAUSE = 300;

export class Reading {
  #timeline;
  #send;
  #timer = 0;
  #line = null;
  #told;

  /** `send` takes the id and seq of the newest message that was read. */
  constructor(timeline, readSeq, send) {
    this.#timeline = timeline;
    this.#told = readSeq;
    this.#send = send;
    this.readSeq = readSeq;
  }

  /** Draw the line above the first message that is new to the reader; return it, or null. */
  drawLine() {
    this.clearLine();
    const first = this.#timeline.messages.find((element) => this.#isUnread(element));
    if (!first) return null;
    this.#line = make("div", { className: "unread-line", role: "separator" }, text("unread_line"));
    first.before(this.#line);
    this.#timeline.group(this.#line);
    this.#timeline.group(first);
    return this.#line;
  }

  clearLine() {
    const next = this.#line?.nextElementSibling;
    this.#line?.remove();
    this.#line = null;
    if (next) this.#timeline.group(next);
  }

  /** A message came while nobody looked: draw the line where it stands for something read already. */
  missed() {
    const next = this.#line?.nextElementSibling;
    if (!next || !this.#isUnread(next)) this.drawLine();
  }

  /** Take over how far the reader got, here or on another device. */
  moveTo(seq) {
    this.readSeq = Math.max(this.readSeq, seq);
    this.#told = Math.max(this.#told, seq);
  }

  /** Tell the server again what it may not have heard. */
  repeat() {
    this.#told = Math.min(this.#told, this.readSeq);
    this.look();
  }

  /** Note what is in sight, if somebody is looking. */
  look() {
    if (document.hidden || !document.hasFocus() || this.#timer) return;
    const seen = this.#newestInSight();
    if (!seen || Number(seen.dataset.seq) <= this.#told) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      const newest = this.#newestInSight() ?? seen;
      const seq = Number(newest.dataset.seq);
      if (seq <= this.#told) return;
      this.#told = seq;
      this.#send(newest.dataset.id, seq);
    }, PAUSE);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #isUnread(element) {
    return Number(element.dataset.seq) > this.readSeq && element.dataset.sender !== page.viewer;
  }

  #newestInSight() {
    const bottom = this.#timeline.box.getBoundingClientRect().bottom;
    return this.#timeline.messages.findLast(
      (element) => element.dataset.seq && element.getBoundingClientRect().bottom <= bottom + 8,
    );
  }
}
