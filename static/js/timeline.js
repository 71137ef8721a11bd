/* The messages of the open conversation: in the order of seq, in days, in groups by author; own ones with their ticks. */

import { button, byId, make } from "./dom.js";
import { dayKey, dayName, localise } from "./dates.js";
import { elements, equip, page, text, wordsOf } from "./page.js";
import { meet, namePeople } from "./people.js";

// Further apart than this, messages of one author are two groups.
const GROUP_PAUSE = 10 * 60_000;

const seqOf = (element) => Number(element.dataset.seq || Infinity);
const comesBefore = (one, other) => one.matches(".message") && seqOf(one) <= seqOf(other);
const createdAt = (element) => new Date(element.dataset.created);

export class Timeline {
  /** `box` scrolls; the messages that the server rendered lie in its list, oldest first. */
  constructor(box) {
    this.box = box;
    this.list = box.querySelector(".messages");
    this.template = byId("message-template");
    this.isChannel = box.dataset.type === "CHANNEL";
    this.others = { read: Number(box.dataset.othersRead), delivered: Number(box.dataset.othersDelivered) };
    this.append([...this.list.querySelectorAll(".message")]);
  }

  get messages() {
    return [...this.list.querySelectorAll(".message")];
  }

  find(messageId) {
    return this.list.querySelector(`.message[data-id="${CSS.escape(messageId)}"]`);
  }

  findPending(clientId) {
    return this.list.querySelector(`.message.pending[data-client="${CSS.escape(clientId)}"]`);
  }

  /** The seq of the oldest message here; 0 where there is none. */
  get oldest() {
    return Number(this.list.querySelector(".message[data-seq]")?.dataset.seq ?? 0);
  }

  /** The seq of the newest message here; 0 where there is none. */
  get newest() {
    return Number(this.messages.findLast((element) => element.dataset.seq)?.dataset.seq ?? 0);
  }

  /** Put rendered messages, oldest first, each where it belongs. */
  append(messages) {
    for (const element of messages) {
      const author = element.dataset.seq && element.querySelector(".author");
      if (author) meet({ id: element.dataset.sender, display_name: author.textContent });
      localise(element);
      this.#place(element);
    }
    namePeople(this.list);
    equip(this.list);
    this.#tidy();
  }

  /** Show a message as it now is: put in, or in the place of its older self or of the bubble that was being sent. */
  put(message, html) {
    const [element] = elements(html);
    const pending = message.sender?.id === page.viewer && message.client_id && this.findPending(message.client_id);
    const here = this.find(message.id);
    if (pending) this.remove(pending);
    if (here && Number(here.dataset.version) >= message.version) return here;
    if (here) this.remove(here);
    this.append([element]);
    this.#requote(message, element);
    return element;
  }

  /** Show a message that is on its way, below all others. */
  putPending({ clientId, content, about, files }) {
    const element = this.template.content.firstElementChild.cloneNode(true);
    for (const name of ["id", "seq", "version"]) delete element.dataset[name];
    element.classList.add("pending");
    element.dataset.client = clientId;
    element.dataset.sender = page.viewer;
    element.dataset.created = new Date().toISOString();
    element.querySelector(".words").textContent = [...files.map(({ name }) => name), content].filter(Boolean).join("\n");
    if (about) element.querySelector(".text").before(quote(about));
    this.append([element]);
    return element;
  }

  /** Let go of the messages furthest from here, down to so many; return the one that is at that end now, or null. */
  trim(end, most) {
    const all = this.messages.filter((element) => element.dataset.seq);
    const extra = all.length - most;
    if (extra <= 0) return null;
    for (const element of end === "older" ? all.slice(0, extra) : all.slice(-extra)) this.remove(element);
    return end === "older" ? all[extra] : all[most - 1];
  }

  remove(element) {
    const day = element.parentElement;
    const next = element.nextElementSibling;
    element.remove();
    if (next) this.group(next);
    if (!day.querySelector(".message")) day.remove();
    else if (!next) this.group(day.lastElementChild);
  }

  /** Note how far others have read or received, and tick the own messages up to there. */
  acknowledge(kind, seq) {
    this.others[kind] = Math.max(this.others[kind], seq);
    for (const element of this.list.querySelectorAll(".message.own[data-seq]:not([data-state='read'])")) {
      this.#tick(element);
    }
  }

  /** Say the names of days anew: what was today is yesterday after midnight. */
  renameDays() {
    for (const day of this.list.querySelectorAll(".day")) {
      day.querySelector(".day-pill .pill").textContent = dayName(day.dataset.day);
    }
  }

  #place(element) {
    const isOwn = element.dataset.sender === page.viewer && element.dataset.type !== "SYSTEM" && !this.isChannel;
    element.classList.toggle("own", isOwn);
    const day = this.#day(dayKey(createdAt(element)));
    let before = day.lastElementChild;
    while (!before.matches(".day-pill") && !comesBefore(before, element)) before = before.previousElementSibling;
    before.after(element);
    if (isOwn && element.dataset.seq) this.#tick(element);
    for (const reaction of element.querySelectorAll(".reaction")) {
      reaction.setAttribute("aria-pressed", String(reaction.dataset.users.includes(page.viewer)));
    }
    this.group(element);
    if (element.nextElementSibling) this.group(element.nextElementSibling);
  }

  #day(key) {
    const days = [...this.list.querySelectorAll(".day")];
    const before = days.findLast((day) => day.dataset.day <= key);
    if (before?.dataset.day === key) return before;
    const name = make("h2", { className: "day-pill" }, make("span", { className: "pill" }, dayName(key)));
    const day = make("div", { className: "day" }, name);
    day.dataset.day = key;
    if (before) before.after(day);
    else if (days.length) days[0].before(day);
    else this.list.append(day);
    return day;
  }

  /** Mark where a group begins and ends around a message. */
  group(element) {
    const isMessage = element.matches(".message");
    const before = element.previousElementSibling;
    const joined = isMessage && before.matches(".message") && this.#belongTogether(before, element);
    if (isMessage) element.classList.toggle("first", !joined);
    if (before?.matches(".message")) before.classList.toggle("last", !joined);
    if (isMessage && !element.nextElementSibling) element.classList.add("last");
  }

  #belongTogether(one, other) {
    return (
      one.dataset.sender === other.dataset.sender &&
      ![one, other].some((element) => element.dataset.type === "SYSTEM") &&
      createdAt(other) - createdAt(one) < GROUP_PAUSE
    );
  }

  #tick(element) {
    const seq = Number(element.dataset.seq);
    const state = seq <= this.others.read ? "read" : seq <= this.others.delivered ? "delivered" : "sent";
    this.#setState(element, state);
  }

  /** Show what became of a message that is on its way: sending, or failed with the reason and a way to retry. */
  setPendingState(element, state, reason, onRetry, onDiscard) {
    this.#setState(element, state);
    element.querySelector(".failure")?.remove();
    if (state !== "failed") return;
    const ways = [button(text("retry"), onRetry), button(text("discard"), onDiscard)];
    element.querySelector(".bubble").append(make("div", { className: "failure" }, reason, ...ways));
  }

  #setState(element, state) {
    element.dataset.state = state;
    const ticks = element.querySelector(".ticks");
    ticks.setAttribute("role", "img");
    ticks.setAttribute("aria-label", text(`state_${state}`));
  }

  /** Quotes show their message as it now is. */
  #requote({ id, is_deleted: isDeleted }, element) {
    for (const quote of this.list.querySelectorAll(`[data-quotes="${CSS.escape(id)}"] p`)) {
      quote.textContent = isDeleted ? text("deleted_quote") : wordsOf(element).slice(0, 120);
    }
  }

  #tidy() {
    this.list.querySelector(".no-messages")?.toggleAttribute("hidden", this.messages.length > 0);
  }
}

/** The quote above an answer that is on its way. */
function quote({ id, name, words, hue }) {
  const element = make("a", { className: hue.replace("author", "quote") }, make("b", {}, name), make("p", {}, words));
  element.dataset.jump = id;
  return element;
}
