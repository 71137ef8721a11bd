/* What one does with messages: the menu by mouse, touch and keyboard, reactions, quotes that jump, a selection. */

import { byId, on } from "./dom.js";
import { call, closeDialog, makeSure, openDialog, openEmoji, openMenu, pointOf, toast } from "./menu.js";
import { page, text } from "./page.js";

const menu = byId("message-menu");
const EDIT_WINDOW = 48 * 3_600_000;

export class Acts {
  #pane;
  #box;
  #bar;

  constructor(pane) {
    this.#pane = pane;
    this.#box = pane.timeline.box;
    this.#bar = pane.element.querySelector(".select-bar");
    on(this.#box, "contextmenu", (event) => this.#ask(event));
    on(this.#box, "click", (event) => this.#click(event));
    on(this.#box, "dblclick", (event) => this.#reply(event));
    on(this.#box, "keydown", (event) => this.#key(event));
    on(this.#bar, "click", (event) => {
      const item = event.target.closest("[data-do]");
      if (item) this.#selected(item.dataset.do);
    });
    on(pane.element, "click", (event) => {
      const jump = event.target.closest("[data-jump]");
      if (!jump || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      pane.jump(jump.dataset.jump);
    });
  }

  /** Edit the newest message of one's own that may still be edited. */
  editLast() {
    const last = this.#pane.timeline.messages.findLast((message) => this.#may("edit", message));
    if (last) this.#do("edit", last);
  }

  get selecting() {
    return this.#box.hasAttribute("data-selecting");
  }

  unselect() {
    delete this.#box.dataset.selecting;
    for (const message of this.#chosen()) delete message.dataset.chosen;
    this.#bar.hidden = true;
  }

  #path(message, rest = "") {
    return `conversations/${this.#pane.id}/messages/${message.dataset.id}${rest}`;
  }

  #may(what, message) {
    const { rights, role } = this.#pane.element.querySelector(".pane-top").dataset;
    const has = (word) => rights.includes(word);
    const { sender, deleted, pinned, forwarded, type, created } = message.dataset;
    const isOwn = sender === page.viewer;
    if (!message.dataset.seq || type === "SYSTEM") return false;
    if (what === "delete") return deleted === undefined && (isOwn || has("delete_messages"));
    if (what === "select") return true;
    if (deleted !== undefined) return false;
    const judged = {
      reply: () => has("send_messages"),
      edit: () => isOwn && forwarded === undefined && has("send_messages") && Date.now() - new Date(created) < EDIT_WINDOW,
      copy: () => message.querySelector(".words").textContent !== "",
      pin: () => has("pin_messages") && pinned === undefined,
      unpin: () => has("pin_messages") && pinned !== undefined,
      react: () => has("react"),
      readers: () => isOwn || role === "OWNER" || role === "ADMIN",
      report: () => !isOwn,
    };
    return judged[what]?.() ?? true;
  }

  #ask(event) {
    const message = event.target.closest(".message[data-seq]:not(.system)");
    if (!message || event.target.closest("a:not(.quote), video, audio") || this.selecting) return;
    event.preventDefault();
    this.#open(message, event.clientX ? { x: event.clientX, y: event.clientY } : pointOf(message.querySelector(".bubble")));
  }

  #open(message, point) {
    for (const item of menu.querySelectorAll("[data-do]")) item.hidden = !this.#may(item.dataset.do, message);
    menu.querySelector("[data-needs]").hidden = !this.#may("react", message);
    openMenu(menu, point, (item) => {
      if (item.dataset.emoji) this.#react(message, item.dataset.emoji);
      else this.#do(item.dataset.do, message, point);
    }, message);
  }

  #do(what, message, point) {
    const path = this.#path(message);
    const { composer, id } = this.#pane;
    const acts = {
      reply: () => composer.replyTo(message),
      edit: async () => {
        const current = await call("GET", path);
        if (current) composer.edit(message, current.content);
      },
      copy: () => navigator.clipboard.writeText(message.querySelector(".words").innerText).then(() => toast(text("copied"))),
      pin: () => call("PUT", `${path}/pin`),
      unpin: () => call("DELETE", `${path}/pin`),
      forward: () => this.#forward([message]),
      readers: () => openDialog(`/c/${id}/${message.dataset.id}/readers`),
      report: () => openDialog(`/report?message=${message.dataset.id}&conversation=${id}`),
      delete: () => this.#delete([message]),
      select: () => this.#select(message),
      emoji: () => openEmoji(point, (emoji) => this.#react(message, emoji)),
    };
    acts[what]();
  }

  #react(message, emoji) {
    const standing = message.querySelector(`.reaction[data-emoji="${CSS.escape(emoji)}"]`);
    const isMine = standing?.getAttribute("aria-pressed") === "true";
    return call(isMine ? "DELETE" : "PUT", this.#path(message, `/reactions/${encodeURIComponent(emoji)}`));
  }

  #delete(messages) {
    makeSure(`delete?count=${messages.length}`, () => {
      this.unselect();
      for (const message of messages) call("DELETE", this.#path(message));
    });
  }

  async #forward(messages) {
    const dialog = await openDialog("/pick");
    if (!dialog) return;
    on(dialog.querySelector(".pick-list"), "click", async (event) => {
      const { to } = event.target.closest(".pick")?.dataset ?? {};
      if (!to) return;
      closeDialog();
      const ids = messages.map((message) => message.dataset.id);
      this.unselect();
      const sent = await call("POST", `conversations/${to}/forward`, { from_conversation_id: this.#pane.id, message_ids: ids });
      if (sent) toast(text("forwarded"));
    });
  }

  #click(event) {
    const message = event.target.closest(".message[data-seq]");
    if (!message) return;
    const reaction = event.target.closest(".reaction");
    if (this.selecting) {
      event.preventDefault();
      this.#select(message);
    } else if (reaction) this.#react(message, reaction.dataset.emoji);
    else if (event.target.matches(".spoiler")) event.target.classList.add("shown");
    else if (event.pointerType === "touch" && event.target.closest(".bubble") && !event.target.closest("a, button, video, audio")) {
      this.#open(message, { x: event.clientX, y: event.clientY });
    }
  }

  #reply(event) {
    const message = event.target.closest(".message[data-seq]");
    if (!message || event.target.closest("a, button, .words") || !this.#may("reply", message)) return;
    this.#pane.composer.replyTo(message);
  }

  #key(event) {
    const message = document.activeElement.closest(".message");
    const all = this.#pane.timeline.messages;
    const steps = { ArrowUp: -1, ArrowDown: 1 };
    if (event.key in steps && event.target.matches(".message, .timeline")) {
      event.preventDefault();
      const next = message ? all[all.indexOf(message) + steps[event.key]] : all.at(-1);
      next?.focus();
    } else if (event.key === "Enter" && event.target === message && message.dataset.seq && !message.matches(".system")) {
      event.preventDefault();
      if (this.selecting) this.#select(message);
      else this.#open(message, pointOf(message.querySelector(".bubble")));
    }
  }

  #chosen() {
    return this.#pane.timeline.messages.filter((message) => "chosen" in message.dataset);
  }

  #select(message) {
    if (message.matches(".system")) return;
    this.#box.dataset.selecting = "";
    message.toggleAttribute("data-chosen");
    const chosen = this.#chosen();
    if (chosen.length === 0) {
      this.unselect();
      return;
    }
    this.#bar.hidden = false;
    this.#bar.querySelector("b").textContent = text("selected", { count: chosen.length });
    for (const item of this.#bar.querySelectorAll("[data-do]:not([data-do=unselect])")) {
      item.hidden = !chosen.every((each) => this.#may(item.dataset.do, each));
    }
  }

  #selected(what) {
    if (what === "forward") this.#forward(this.#chosen());
    else if (what === "delete") this.#delete(this.#chosen());
    else this.unselect();
  }
}
