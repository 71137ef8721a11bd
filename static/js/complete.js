/* Names to mention: after an @, the members whose names begin so. */

import { make, on } from "./dom.js";
import { elements, fetchPart } from "./page.js";

const PAUSE = 120;

export class Complete {
  #field;
  #id;
  #list;
  #timer = 0;

  constructor(field, conversationId) {
    this.#field = field;
    this.#id = conversationId;
    this.#list = make("ul", { className: "complete", hidden: true });
    field.closest(".composer-box").append(this.#list);
    on(this.#list, "mousedown", (event) => {
      event.preventDefault();
      this.#take(event.target.closest("li"));
    });
    on(field, "blur", () => this.#hide());
  }

  /** Look for a name before the cursor. */
  look() {
    clearTimeout(this.#timer);
    const [, word] = /(?:^|\s)@(\w{0,32})$/.exec(this.#field.value.slice(0, this.#field.selectionStart)) ?? [];
    if (word === undefined) this.#hide();
    else this.#timer = setTimeout(() => this.#fetch(word), PAUSE);
  }

  /** Use a key for the list; tell whether it was one. */
  key(event) {
    if (this.#list.hidden) return false;
    const items = [...this.#list.children];
    const here = items.findIndex((item) => item.matches(".here"));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      items[here]?.classList.remove("here");
      items.at((here + step) % items.length).classList.add("here");
    } else if (event.key === "Escape") this.#hide();
    else if (event.key === "Enter" || event.key === "Tab") this.#take(items[here]);
    else return false;
    event.preventDefault();
    return true;
  }

  async #fetch(word) {
    const response = await fetchPart(`/c/${this.#id}/mentions?q=${word}`);
    const found = response ? elements(await response.text()) : [];
    this.#list.replaceChildren(...found);
    this.#list.hidden = found.length === 0;
    found[0]?.classList.add("here");
  }

  #take(item) {
    if (!item) return;
    const end = this.#field.selectionStart;
    const start = this.#field.value.lastIndexOf("@", end - 1);
    this.#field.setRangeText(`@${item.dataset.name} `, start, end, "end");
    this.#hide();
    this.#field.dispatchEvent(new Event("input"));
  }

  #hide() {
    clearTimeout(this.#timer);
    this.#list.hidden = true;
  }
}
