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
  let saving = 0;
  let isTyped;
  // The message that is answered, or edited; and what was being written before an edit, as an answer to what.
  let about;
  let before;

  /** Take up an answer or an edit, or give it up for nothing. */
  function aim(target) {
    about = target;
    bar.hidden = !target;
    one("b", bar).textContent = target?.name;
    one(".composer-words", bar).textContent = target?.words;
    measure();
    remember();
  }

  /** Give up an answer, or an edit; tell whether there was one. */
  function cancel() {
    const was = about;
    if (was?.edits) {
      aim(before.about);
      write(before.words);
    } else aim();
    return was;
  }

  /** Change a message of one's own. What was being written comes back after it. */
  function edit(target, content) {
    if (about?.edits === target.edits) return;
    if (!about?.edits) before = { words: field.value, about };
    aim(target);
    write(content);
  }

  /** Keep what is being written on this device as long as the server has not got it, and what it is about. */
  function remember() {
    const words = field.value.trim() === kept ? undefined : field.value;
    store.set(draft, (words ?? about) === undefined ? null : { words, about, before });
  }

  const written = () => (about?.edits ? before.words : field.value).trim();

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
      cancel();
      if (content !== target.words && !(await call("PATCH", `conversations/${id}/messages/${target.edits}`, { content }))) edit(target, content);
      return;
    }
    const uploads = files.take();
    field.value = "";
    aim();
    keep();
    field.focus();
    onSend(content, target, uploads);
  }

  function input() {
    measure();
    complete.look();
    remember();
    if (about?.edits) return;
    clearTimeout(timer);
    timer = setTimeout(keep, DRAFT_PAUSE);
    if (!field.value.trim() || Date.now() - told < TYPING_PAUSE) return;
    told = Date.now();
    onTyping();
  }

  /** Keep the draft on the server, for the other devices. */
  async function keep() {
    clearTimeout(timer);
    const words = written();
    if (words === kept) return;
    saving += 1;
    const answer = await call("PATCH", `conversations/${id}/me`, { draft: words }, true);
    saving -= 1;
    if (answer === undefined) return;
    kept = words;
    remember();
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
  on(field, "input", () => {
    isTyped = true;
    input();
  });
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
  before = left?.before;
  aim(left?.about);

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
      const author = one(".author", message);
      const name = nameOf(message.dataset.sender) ?? author.textContent;
      aim({ id: message.dataset.id, name, words: wordsOf(message), hue: author.className });
      field.focus();
    },
    edit: (edits, words) => edit({ edits, name: text("editing"), words }, words),
    /** A message is gone: nothing answers it, and nobody can change it. */
    forget: (gone) => [about?.id, about?.edits].includes(gone) && cancel(),
    /** Take over a draft from elsewhere, unless another is being written here. */
    follow(words) {
      if (saving || words === undefined) return;
      const isOwn = written() !== kept || (words && isTyped && written());
      kept = words;
      if (isOwn) remember();
      else if (about?.edits) before.words = words;
      else {
        field.value = words;
        aim(words ? about : undefined);
      }
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
