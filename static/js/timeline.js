/* The messages of the open conversation: in the order of seq, in days, in groups by author; own ones with their ticks. */

import { all, button, byId, make, one } from "./dom.js";
import { dayKey, dayName, localise } from "./dates.js";
import { elements, equip, isOwn, page, text, wordsOf } from "./page.js";
import { meet, namePeople } from "./others.js";

/** `box` scrolls; the messages that the server rendered lie in its list, oldest first. */
export function makeTimeline(box) {
  // Further apart than this, messages of one author are two groups.
  const GROUP_PAUSE = 10 * 60_000;
  const list = one(".messages", box);
  const { type, othersRead, othersDelivered } = box.dataset;
  const others = { read: othersRead, delivered: othersDelivered };

  const isMessage = (element) => element?.matches(".message");
  const createdAt = (element) => new Date(element.dataset.created);
  const messages = () => all(".message", list);
  /** Those that the server has. */
  const settled = () => all(".message[data-seq]", list);
  const seqOf = (element) => Number(element?.dataset.seq ?? 0);
  // What is on its way comes last.
  const rankOf = (element) => seqOf(element) || Infinity;
  const find = (id) => one(`.message[data-id="${id}"]`, list);
  const findPending = (clientId) => one(`.pending[data-client="${clientId}"]`, list);

  /** Put rendered messages, oldest first, each where it belongs. */
  function append(rendered) {
    for (const element of rendered) {
      const { seq, sender } = element.dataset;
      const author = seq && one(".author", element);
      if (author) meet({ id: sender, display_name: author.textContent });
      localise(element);
      place(element);
    }
    namePeople(list);
    equip(list);
  }

  /** Show a message as it now is: put in, or in the place of its older self or of the bubble that was being sent. */
  function put(message, html) {
    const [element] = elements(html);
    const pending = isOwn(message) && findPending(message.client_id);
    const here = find(message.id);
    if (pending) remove(pending);
    if (here && here.dataset.version >= message.version) return;
    const isFocused = here?.contains(document.activeElement);
    if (here) {
      element.toggleAttribute("data-chosen", "chosen" in here.dataset);
      // It has been read out when it came.
      element.ariaLive = "off";
      remove(here);
    }
    append([element]);
    if (isFocused) element.focus({ preventScroll: true });
    // Quotes show their message as it now is.
    for (const quoted of all(`[data-quotes="${message.id}"] p`, list)) {
      quoted.textContent = message.is_deleted ? text("deleted_quote") : wordsOf(element).slice(0, 120);
    }
  }

  /** Show a message that is on its way, below all others. */
  function putPending({ clientId, content, about, files }) {
    const element = byId("message-template").content.firstElementChild.cloneNode(true);
    const { dataset } = element;
    for (const name of ["id", "seq", "version"]) delete dataset[name];
    element.classList.add("pending");
    Object.assign(dataset, { client: clientId, sender: page.viewer, created: new Date().toISOString() });
    one(".words", element).textContent = [...files.map(({ name }) => name), content].filter(Boolean).join("\n");
    if (about) {
      const { id, name, words, hue } = about;
      const quote = make("a", { className: hue.replace("author", "quote") }, make("b", {}, name), make("p", {}, words));
      quote.dataset.jump = id;
      one(".text", element).before(quote);
    }
    append([element]);
    return element;
  }

  /** Let go of the messages furthest from here, down to so many; return the one that is at that end now, if any went. */
  function trim(end, most) {
    const standing = settled();
    const extra = standing.length - most;
    if (extra <= 0) return null;
    const gone = standing.splice(end === "older" ? 0 : most, extra);
    gone.forEach(remove);
    return standing.at(end === "older" ? 0 : -1);
  }

  function remove(element) {
    const day = element.parentElement;
    const next = element.nextElementSibling;
    element.remove();
    group(next);
    if (!one(".message", day)) day.remove();
  }

  /** Note how far others have read or received, and tick the own messages up to there. */
  function acknowledge(kind, seq) {
    others[kind] = Math.max(others[kind], seq);
    all(".own[data-seq]:not([data-state=read])", list).forEach(tick);
  }

  /** Say the names of days anew: what was today is yesterday after midnight. */
  function renameDays() {
    all(".day", list).forEach(nameDay);
  }

  const nameDay = (day) => (one(".pill", day).textContent = dayName(day.dataset.day));

  function place(element) {
    const { dataset } = element;
    const own = dataset.sender === page.viewer && dataset.type !== "SYSTEM" && type !== "CHANNEL";
    element.classList.toggle("own", own);
    let before = dayOf(dayKey(createdAt(element))).lastElementChild;
    while (!before.matches(".day-pill") && !(isMessage(before) && rankOf(before) <= rankOf(element))) {
      before = before.previousElementSibling;
    }
    before.after(element);
    if (own && dataset.seq) tick(element);
    for (const reaction of all(".reaction", element)) {
      reaction.ariaPressed = reaction.dataset.users.includes(page.viewer);
    }
    group(element);
    group(element.nextElementSibling);
  }

  function dayOf(key) {
    const days = all(".day", list);
    const before = days.findLast((day) => day.dataset.day <= key);
    if (before?.dataset.day === key) return before;
    const name = make("h2", { className: "day-pill" }, make("span", { className: "pill" }));
    const day = make("div", { className: "day" }, name);
    day.dataset.day = key;
    if (before) before.after(day);
    else list.prepend(day);
    nameDay(day);
    // It may have been today until this one came.
    if (before) nameDay(before);
    return day;
  }

  /** Mark whether a group begins at an element. */
  function group(element) {
    const before = element?.previousElementSibling;
    if (isMessage(element)) element.classList.toggle("first", !(isMessage(before) && belongTogether(before, element)));
  }

  function belongTogether(before, element) {
    const [a, b] = [before.dataset, element.dataset];
    return a.sender === b.sender && a.type !== "SYSTEM" && b.type !== "SYSTEM" && createdAt(element) - createdAt(before) < GROUP_PAUSE;
  }

  function tick(element) {
    const seq = seqOf(element);
    setState(element, seq <= others.read ? "read" : seq <= others.delivered ? "delivered" : "sent");
  }

  function setState(element, state) {
    element.dataset.state = state;
    const ticks = one(".ticks", element);
    ticks.role = "img";
    ticks.ariaLabel = text(`state_${state}`);
  }

  /** Show what became of a message that is on its way: sending, or failed with the reason and a way to retry. */
  function setPendingState(element, state, reason, onRetry, onDiscard) {
    setState(element, state);
    one(".failure", element)?.remove();
    if (state !== "failed") return;
    const ways = [button(text("retry"), onRetry), button(text("discard"), onDiscard)];
    one(".bubble", element).append(make("div", { className: "failure" }, reason, ...ways));
  }

  append(messages());
  return {
    box,
    list,
    messages,
    settled,
    find,
    findPending,
    /** The seq of the oldest and of the newest message here; 0 where there is none. */
    oldest: () => seqOf(settled()[0]),
    newest: () => seqOf(settled().at(-1)),
    append,
    put,
    putPending,
    trim,
    remove,
    acknowledge,
    renameDays,
    group,
    setPendingState,
  };
}
