/* Where messages are written: Enter sends, Shift+Enter breaks the line; what is half written is kept. */

import { store, text } from "./page.js";

const LONGEST = 4096;
const WARN_FROM = 200;
const TYPING_PAUSE = 3_200;
const grows = CSS.supports("field-sizing", "content");
const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;

export class Composer {
  #form;
  #field;
  #button;
  #count;
  #draft;
  #onSend;
  #onTyping;
  #told = 0;
  #focus = (event) => this.#typeHere(event);

  constructor(form, { conversationId, onSend, onTyping }) {
    this.#form = form;
    this.#field = form.querySelector("textarea");
    this.#button = form.querySelector("button");
    this.#count = form.querySelector(".composer-count");
    this.#draft = `draft:${conversationId}`;
    this.#onSend = onSend;
    this.#onTyping = onTyping;
    this.#field.value ||= store.get(this.#draft, ""); // somebody may have begun before the script came
    form.addEventListener("submit", (event) => this.#submit(event));
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#field.addEventListener("input", () => this.#input());
    document.addEventListener("keydown", this.#focus);
    this.#measure();
    if (hasKeyboard) this.#field.focus({ preventScroll: true });
  }

  stop() {
    document.removeEventListener("keydown", this.#focus);
  }

  /** Write again what could not be sent. */
  restore(content) {
    this.#field.value = [this.#field.value, content].filter(Boolean).join("\n");
    this.#input();
    this.#field.focus();
  }

  #key(event) {
    const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing && hasKeyboard;
    if (!sends) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    const content = this.#field.value.trim();
    if (!content || lengthOf(content) > LONGEST) return;
    this.#field.value = "";
    store.set(this.#draft, null);
    this.#measure();
    this.#field.focus();
    this.#onSend(content);
  }

  #input() {
    store.set(this.#draft, this.#field.value || null);
    this.#measure();
    if (!this.#field.value.trim() || Date.now() - this.#told < TYPING_PAUSE) return;
    this.#told = Date.now();
    this.#onTyping();
  }

  #measure() {
    const length = lengthOf(this.#field.value.trim());
    const left = LONGEST - length;
    this.#button.disabled = length === 0 || left < 0;
    this.#count.hidden = left > WARN_FROM;
    this.#count.textContent = text(left < 0 ? "characters_over" : "characters_left", { count: Math.abs(left) });
    this.#count.toggleAttribute("data-over", left < 0);
    if (grows) return;
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  /** Who begins to type anywhere means the message. */
  #typeHere(event) {
    const isText = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isText && !document.activeElement.closest("input, textarea, select, [contenteditable]")) this.#field.focus();
  }
}

/** Limits count code points, as the server does. */
function lengthOf(content) {
  return [...content].length;
}
