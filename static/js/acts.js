/* What one does with messages: the menu by mouse, touch and keyboard, reactions, quotes that jump, a selection. */

import { all, byId, on, onClick, one, onKey } from "./dom.js";
import { call, closeDialog, copy, makeSure, openDialog, openEmoji, openMenu, pointOf, toast } from "./menu.js";
import { page, text } from "./page.js";

/** Let somebody act on the messages of a pane. */
export function watchActs(pane) {
  const EDIT_WINDOW = 48 * 3_600_000;
  const menu = byId("message-menu");
  const { id, timeline } = pane;
  const { box, messages } = timeline;
  const bar = one(".select-bar", pane.element);

  const pathOf = ({ dataset }) => `conversations/${id}/messages/${dataset.id}`;
  const chosen = () => messages().filter((message) => "chosen" in message.dataset);
  const isSelecting = () => "selecting" in box.dataset;

  function may(what, message) {
    const { rights, role, saved } = one(".pane-top", pane.element).dataset;
    const has = (word) => rights.includes(word);
    const { seq, sender, deleted, pinned, forwarded, edited, type, created } = message.dataset;
    const isOwn = sender === page.viewer;
    const judges = isOwn || has("delete_messages");
    if (!seq || type === "SYSTEM") return false;
    if (what === "select") return true;
    if (deleted !== undefined) return false;
    const judged = {
      reply: has("send_messages"),
      edit: isOwn && forwarded === undefined && has("send_messages") && Date.now() - new Date(created) < EDIT_WINDOW,
      copy: one(".words", message)?.textContent ?? "",
      pin: has("pin_messages") && pinned === undefined,
      unpin: has("pin_messages") && pinned !== undefined,
      emoji: has("react"),
      readers: saved === undefined && (isOwn || /OWNER|ADMIN/.test(role)),
      reactions: Boolean(one(".reaction", message)),
      report: !isOwn,
      edits: edited !== undefined && judges,
      delete: judges,
    };
    return judged[what] ?? true;
  }

  function open(message, event) {
    const point = pointOf(one(".bubble", message), event);
    for (const item of all("[data-do]", menu)) item.hidden = !may(item.dataset.do, message);
    const choose = ({ dataset }) => (dataset.emoji ? react(message, dataset.emoji) : act(dataset.do, message, point));
    openMenu(menu, point, choose, message);
  }

  function act(what, message, point) {
    const path = pathOf(message);
    const { composer } = pane;
    const look = () => openDialog(`/c/${id}/${message.dataset.id}/${what}`);
    const acts = {
      reply: () => composer.replyTo(message),
      edit: async () => {
        const current = await call("GET", path);
        if (current) composer.edit(current.id, current.content);
      },
      copy: () => copy(one(".words", message).innerText),
      pin: () => call("PUT", `${path}/pin`),
      unpin: () => call("DELETE", `${path}/pin`),
      forward: () => forward([message]),
      readers: look,
      reactions: look,
      edits: look,
      report: () => openDialog(`/report?message=${message.dataset.id}&conversation=${id}`),
      delete: () => remove([message]),
      select: () => select(message),
      emoji: () => openEmoji(point, (emoji) => react(message, emoji)),
    };
    acts[what]();
  }

  function react(message, emoji) {
    const isMine = one(`.reaction[data-emoji="${emoji}"]`, message)?.ariaPressed === "true";
    return call(isMine ? "DELETE" : "PUT", `${pathOf(message)}/reactions/${encodeURIComponent(emoji)}`);
  }

  function remove(gone) {
    makeSure(`delete?count=${gone.length}`, () => {
      unselect();
      for (const message of gone) call("DELETE", pathOf(message));
    });
  }

  async function forward(sent) {
    const dialog = await openDialog("/pick");
    if (!dialog) return;
    onClick(one(".pick-list", dialog), ".pick", async ({ dataset }) => {
      closeDialog();
      const body = { from_conversation_id: id, message_ids: sent.map((message) => message.dataset.id) };
      unselect();
      if (await call("POST", `conversations/${dataset.to}/forward`, body)) toast(text("forwarded"));
    });
  }

  function select(message) {
    box.dataset.selecting = "";
    message.toggleAttribute("data-chosen");
    showChosen();
  }

  function unselect() {
    for (const message of chosen()) delete message.dataset.chosen;
    showChosen();
    box.focus();
  }

  function showChosen() {
    const picked = chosen();
    bar.hidden = !picked.length;
    if (bar.hidden) delete box.dataset.selecting;
    one("b", bar).textContent = text("selected", { count: picked.length });
    for (const item of all("[data-do]", bar)) {
      item.hidden = item.dataset.do !== "unselect" && !picked.every((each) => may(item.dataset.do, each));
    }
  }

  const messageOf = ({ target }) => target.closest(".message[data-seq]:not(.system)");

  on(box, "contextmenu", (event) => {
    const message = messageOf(event);
    if (!message || event.target.closest("a[target], video, audio") || isSelecting()) return;
    event.preventDefault();
    open(message, event);
  });
  on(box, "click", (event) => {
    const { target, pointerType } = event;
    const message = messageOf(event);
    const reaction = target.closest(".reaction");
    if (!message) return;
    if (isSelecting()) {
      event.preventDefault();
      select(message);
    } else if (reaction) react(message, reaction.dataset.emoji);
    else if (target.matches(".spoiler")) target.classList.add("shown");
    else if (pointerType === "touch" && target.closest(".bubble") && !target.closest("a, button, video, audio")) {
      open(message, event);
    }
  });
  on(box, "dblclick", (event) => {
    const message = messageOf(event);
    if (message && !event.target.closest("a, button, .words") && may("reply", message)) act("reply", message);
  });
  onKey(box, (key, { target, altKey }) => {
    const every = messages();
    const here = every.indexOf(target);
    const step = !altKey && { ArrowUp: -1, ArrowDown: 1 }[key];
    if (step && target.matches(".message, .timeline")) (here < 0 ? every.at(-1) : every[here + step])?.focus();
    else if (key === "Enter" && messageOf({ target }) === target) (isSelecting() ? select : open)(target);
    else return false;
    return true;
  });
  onClick(bar, "[data-do]", ({ dataset }) => ({ forward, delete: remove, unselect })[dataset.do](chosen()));
  onClick(pane.element, "[data-jump]", (way) => {
    pane.jump(way.dataset.jump);
    // The one before it is next.
    if (way.matches(".pinned-bar")) way.parentElement.append(way);
  });

  return {
    isSelecting,
    unselect,
    /** Edit the newest message of one's own that may still be edited. */
    editLast() {
      const last = messages().findLast((message) => may("edit", message));
      if (last) act("edit", last);
    },
  };
}
