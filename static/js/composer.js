/* Where messages are written: Enter sends, Shift+Enter breaks the line; replies, edits; what is half written is kept. */

import { on } from "./dom.js";
import { Files } from "./files.js";
import { call, openEmoji, pointOf } from "./menu.js";
import { store, text, wordsOf } from "./page.js";
import { nameOf } from "./people.js";

const LONGEST = 4096;
const WARN_FROM = 200;
const TYPING_PAUSE = 3_200;
const DRAFT_PAUSE = 1_500;
const grows = CSS.supports("field-sizing", "content");
const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;

export class Composer {
  #form;
  #field;
  #button;
  #count;
  #bar;
  #id;
  #draft;
  #kept;
  #timer = 0;
  #on;
  #told = 0;
  #complete;
  #files;
  // The message that is answered or edited, and what was being written before an edit.
  #about = null;
  #before = "";
  #focus = (event) => this.#typeHere(event);

  constructor(form, { conversationId, onSend, onTyping, onEditLast }) {
    this.#form = form;
    this.#field = form.querySelector("textarea");
    this.#button = form.querySelector(".send");
    this.#count = form.querySelector(".composer-count");
    this.#bar = form.querySelector(".composer-bar");
    this.#id = conversationId;
    this.#draft = `draft:${conversationId}`;
    this.#kept = form.dataset.draft;
    this.#on = { send: onSend, typing: onTyping, editLast: onEditLast };
    // Somebody may have begun before the script came; what was written on this device is newer than what the server has.
    this.#field.value ||= store.get(this.#draft, "") || this.#kept;
    this.#files = new Files(form, conversationId, () => this.#measure());
    on(form, "submit", (event) => this.#submit(event));
    on(this.#field, "keydown", (event) => this.#key(event));
    on(this.#field, "input", () => this.#input());
    this.#bar.querySelector("button").onclick = () => this.cancel();
    form.querySelector(".emoji").onclick = ({ currentTarget }) => openEmoji(pointOf(currentTarget), (emoji) => this.#insert(emoji));
    this.#measure();
  }

  resume() {
    on(document, "keydown", this.#focus);
    if (hasKeyboard) this.#field.focus({ preventScroll: true });
  }

  stop() {
    document.removeEventListener("keydown", this.#focus);
    this.#keep();
  }

  get files() {
    return this.#files;
  }

  /** Say what became of an upload. */
  hearOfFile(file) {
    this.#files.hear(file);
  }

  /** Write again what could not be sent. */
  restore(content) {
    this.#write([this.#field.value, content].filter(Boolean).join("\n"));
  }

  /** Answer a message. */
  replyTo(message) {
    if (this.#about?.edits) this.cancel();
    const words = wordsOf(message);
    const name = nameOf(message.dataset.sender) ?? message.querySelector(".author").textContent;
    this.#about = { id: message.dataset.id, name, words, hue: message.querySelector(".author").className };
    this.#showBar(name, words);
  }

  /** Change a message of one's own. */
  edit(message, content) {
    this.#before = this.#field.value;
    this.#about = { id: message.dataset.id, edits: true, content };
    this.#showBar(text("editing"), content);
    this.#write(content);
  }

  /** Give up an answer, or an edit; tell whether there was one. */
  cancel() {
    if (!this.#about) return false;
    const { edits } = this.#about;
    this.#about = null;
    this.#bar.hidden = true;
    if (edits) this.#write(this.#before);
    return true;
  }

  #showBar(name, words) {
    this.#bar.hidden = false;
    this.#bar.querySelector("b").textContent = name;
    this.#bar.querySelector("span span").textContent = words;
    this.#field.focus();
    this.#measure();
  }

  #write(content) {
    this.#field.value = content;
    this.#input();
    this.#field.focus();
  }

  #insert(words) {
    this.#field.setRangeText(words, this.#field.selectionStart, this.#field.selectionEnd, "end");
    this.#input();
    this.#field.focus();
  }

  #key(event) {
    if (this.#complete?.key(event)) return;
    if (event.key === "ArrowUp" && !this.#field.value && !event.shiftKey) {
      event.preventDefault();
      this.#on.editLast();
    } else if (event.key === "Escape" && this.cancel()) {
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && hasKeyboard) {
      event.preventDefault();
      this.#form.requestSubmit();
    }
  }

  async #submit(event) {
    event.preventDefault();
    const content = this.#field.value.trim();
    const about = this.#about;
    if (lengthOf(content) > LONGEST || this.#files.busy || (!content && !this.#files.any)) return;
    if (about?.edits) {
      if (content !== about.content && !(await call("PATCH", `conversations/${this.#id}/messages/${about.id}`, { content }))) return;
      this.cancel();
      return;
    }
    const files = this.#files.take();
    this.#field.value = "";
    this.cancel();
    store.set(this.#draft, null);
    this.#keep();
    this.#measure();
    this.#field.focus();
    this.#on.send(content, about, files);
  }

  #input() {
    this.#measure();
    this.#lookForNames();
    if (this.#about?.edits) return;
    store.set(this.#draft, this.#field.value || null);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), DRAFT_PAUSE);
    if (!this.#field.value.trim() || Date.now() - this.#told < TYPING_PAUSE) return;
    this.#told = Date.now();
    this.#on.typing();
  }

  async #lookForNames() {
    if (!this.#field.value.includes("@")) return;
    const { Complete } = await import("./complete.js");
    this.#complete ??= new Complete(this.#field, this.#id);
    this.#complete.look();
  }

  /** Keep the draft on the server, for the other devices. */
  #keep() {
    clearTimeout(this.#timer);
    const draft = (this.#about?.edits ? this.#before : this.#field.value).trim();
    if (draft === this.#kept.trim() || lengthOf(draft) > LONGEST) return;
    this.#kept = draft;
    call("PATCH", `conversations/${this.#id}/me`, { draft });
  }

  #measure() {
    const length = lengthOf(this.#field.value.trim());
    const left = LONGEST - length;
    this.#button.disabled = (length === 0 && !this.#files?.any) || left < 0 || Boolean(this.#files?.busy);
    this.#count.hidden = left > WARN_FROM;
    this.#count.textContent = text(left < 0 ? "characters_over" : "characters_left", { count: Math.abs(left) });
    this.#count.toggleAttribute("data-over", left < 0);
    if (grows) return;
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  /** Who begins to type anywhere means the message. */
  #typeHere(event) {
    const isText = event.key.length === 1 && event.key !== " " && event.key !== "?" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isText && !document.activeElement.closest("input, textarea, select, [contenteditable], dialog, [popover]")) this.#field.focus();
  }
}

/** Limits count code points, as the server does. */
function lengthOf(content) {
  return [...content].length;
}
