/* Where messages are written: Enter sends, Shift+Enter breaks the line; replies, edits; what is half written is kept. */

import { focusIn, on, one, onKey } from "./dom.js";
import { makeFiles } from "./files.js";
import { call, openEmoji, pointOf } from "./menu.js";
import { elements, fetchPart, store, text, wordsOf } from "./page.js";
import { nameOf } from "./others.js";

/** Let somebody write in a form to a conversation. */
export function makeComposer(form, id, { onSend, onTyping, onEditLast }) {
  const LONGEST = 4096;
  const WARN_FROM = 200;
  const TYPING_PAUSE = 3_200;
  const DRAFT_PAUSE = 1_500;
  const grows = CSS.supports("field-sizing", "content");
  const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;
  // Limits count code points, as the server does.
  const lengthOf = (content) => [...content].length;
  const draft = `draft:${id}`;
  const field = one("textarea", form);
  const bar = one(".composer-bar", form);
  const files = makeFiles(form, id, measure);
  const complete = makeComplete(form, field, id);
  let kept = form.dataset.draft;
  let timer = 0;
  let told = 0;
  // The message that is answered or edited, and what was being written before an edit.
  let about;
  let before = "";

  /** Give up an answer, or an edit; tell whether there was one. */
  function cancel() {
    const was = about;
    about = undefined;
    bar.hidden = true;
    if (was?.edits) write(before);
    else remember();
    return was;
  }

  function showBar(name, words) {
    bar.hidden = false;
    one("b", bar).textContent = name;
    one(".composer-words", bar).textContent = words;
    measure();
  }

  /** Keep what is being written on this device as long as the server has not got it, and what it answers. */
  function remember() {
    const words = field.value.trim() === kept ? undefined : field.value;
    store.set(draft, (words ?? about) === undefined ? null : { words, about });
  }

  function write(content) {
    field.value = content;
    input();
    field.focus();
  }

  function insert(words) {
    field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
    input();
    field.focus();
  }

  async function submit(event) {
    event.preventDefault();
    const content = field.value.trim();
    const target = about;
    if (lengthOf(content) > LONGEST || files.busy() || (!content && !files.any())) return;
    if (target?.edits) {
      if (content === target.content || (await call("PATCH", `conversations/${id}/messages/${target.id}`, { content }))) cancel();
      return;
    }
    const uploads = files.take();
    field.value = "";
    cancel();
    keep();
    measure();
    field.focus();
    onSend(content, target, uploads);
  }

  function input() {
    measure();
    complete.look();
    if (about?.edits) return;
    remember();
    clearTimeout(timer);
    timer = setTimeout(keep, DRAFT_PAUSE);
    if (!field.value.trim() || Date.now() - told < TYPING_PAUSE) return;
    told = Date.now();
    onTyping();
  }

  /** Keep the draft on the server, for the other devices. */
  async function keep() {
    clearTimeout(timer);
    const words = (about?.edits ? before : field.value).trim();
    if (words === kept) return;
    if ((await call("PATCH", `conversations/${id}/me`, { draft: words }, true)) === undefined) return;
    kept = words;
    if (!about?.edits) remember();
  }

  function measure() {
    const length = lengthOf(field.value.trim());
    const left = LONGEST - length;
    const count = one(".composer-count", form);
    one(".send", form).disabled = (!length && !files.any()) || left < 0 || files.busy();
    count.hidden = left > WARN_FROM;
    count.textContent = text(left < 0 ? "characters_over" : "characters_left", { count: Math.abs(left) });
    count.toggleAttribute("data-over", left < 0);
    if (grows) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  /** Who begins to type anywhere means the message. */
  function typeHere({ key, ctrlKey, metaKey, altKey }) {
    if (!/^[^ ?]$/u.test(key) || ctrlKey || metaKey || altKey) return;
    if (!focusIn("input, textarea, select, dialog, [popover]")) field.focus();
  }

  on(form, "submit", submit);
  on(field, "input", input);
  onKey(field, (key, { shiftKey, altKey }) => {
    if (complete.key(key)) return true;
    if (key === "ArrowUp" && !field.value && !shiftKey && !altKey) onEditLast();
    else if (key === "Escape") return cancel();
    else if (key === "Enter" && !shiftKey && hasKeyboard) form.requestSubmit();
    else return false;
    return true;
  });
  one("button", bar).onclick = cancel;
  one(".emoji", form).onclick = ({ currentTarget }) => openEmoji(pointOf(currentTarget), insert);
  // Somebody may have begun before the script came; what the server did not get from this device is newer than what it has.
  const left = store.get(draft);
  field.value ||= left?.words ?? kept;
  about = left?.about;
  if (about) showBar(about.name, about.words);
  measure();

  return {
    files,
    resume() {
      on(document, "keydown", typeHere);
      if (hasKeyboard) field.focus({ preventScroll: true });
    },
    stop() {
      document.removeEventListener("keydown", typeHere);
      keep();
    },
    /** Write again what could not be sent, with its uploads. */
    restore(content, uploads) {
      files.bring(uploads);
      write([field.value, content].filter(Boolean).join("\n"));
    },
    /** Answer a message. */
    replyTo(message) {
      if (about?.edits) cancel();
      const words = wordsOf(message);
      const author = one(".author", message);
      const name = nameOf(message.dataset.sender) ?? author.textContent;
      about = { id: message.dataset.id, name, words, hue: author.className };
      showBar(name, words);
      remember();
      field.focus();
    },
    /** Change a message of one's own. */
    edit(message, content) {
      before = field.value;
      about = { id: message.dataset.id, edits: true, content };
      showBar(text("editing"), content);
      write(content);
    },
  };
}

/** Offer names to mention in the field of a form: after an @, the members whose names begin so. */
function makeComplete(form, field, id) {
  const PAUSE = 120;
  const list = one(".complete", form);
  let timer = 0;

  async function offer(word) {
    const html = await fetchPart(`/c/${id}/mentions?q=${word}`);
    list.replaceChildren(...elements(html));
    list.hidden = !list.firstChild;
    point(list.firstChild);
  }

  function point(item) {
    for (const each of list.children) each.ariaSelected = each === item;
    field.setAttribute("aria-activedescendant", item?.id ?? "");
  }

  function take(item) {
    if (!item) return;
    const end = field.selectionStart;
    field.setRangeText(`@${item.dataset.name} `, field.value.lastIndexOf("@", end - 1), end, "end");
    hide();
    field.dispatchEvent(new Event("input"));
  }

  function hide() {
    clearTimeout(timer);
    list.hidden = true;
    point();
  }

  on(list, "mousedown", (event) => {
    event.preventDefault();
    take(event.target.closest("li"));
  });
  on(field, "blur", hide);
  return {
    /** Look for a name before the cursor. */
    look() {
      clearTimeout(timer);
      const [, word] = /(?:^|\s)@(\w{0,32})$/.exec(field.value.slice(0, field.selectionStart)) ?? [];
      if (word === undefined) hide();
      else timer = setTimeout(offer, PAUSE, word);
    },
    /** Use a key for the list; tell whether it was one. */
    key(key) {
      if (list.hidden) return false;
      const here = one("[aria-selected=true]", list);
      const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[key];
      if (step) point(here[step] ?? here);
      else if (key === "Escape") hide();
      else if (key === "Enter" || key === "Tab") take(here);
      else return false;
      return true;
    },
  };
}
