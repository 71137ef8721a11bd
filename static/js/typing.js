/* Who is writing where: in the row of the list and under the title, for as long as it goes on. */

import { askName } from "./people.js";
import { page, text } from "./page.js";

// Told every three seconds while somebody writes: twice missed, it is over.
const LASTS = 6_500;

export class Typing {
  #writers = new Map();

  constructor(live) {
    live.on("typing", ({ conversation_id: id, data }) => {
      if (data.user_id === page.viewer) return;
      if (data.action === "cancel") this.#stop(id, data.user_id);
      else this.#start(id, data.user_id);
    });
    live.on("message.created", ({ conversation_id: id, data }) => data.sender && this.#stop(id, data.sender.id));
  }

  /** Show who is writing in a conversation, in whatever part of the page shows it. */
  async show(id) {
    const writers = [...(this.#writers.get(id)?.keys() ?? [])];
    const names = writers.length > 2 ? [] : await Promise.all(writers.map(askName));
    const [one, other] = names.map((name) => name.split(" ")[0]);
    for (const place of document.querySelectorAll(`[data-conversation="${CSS.escape(id)}"]`)) {
      const element = place.querySelector(".row-typing, .typing");
      if (writers.length === 0) element.textContent = "";
      else if (place.dataset.type === "DM") element.textContent = text("typing");
      else if (writers.length === 1) element.textContent = text("typing_one", { one });
      else if (writers.length === 2) element.textContent = text("typing_two", { one, other });
      else element.textContent = text("typing_many", { count: writers.length });
    }
  }

  #start(id, userId) {
    const writers = this.#writers.get(id) ?? new Map();
    this.#writers.set(id, writers);
    clearTimeout(writers.get(userId));
    writers.set(userId, setTimeout(() => this.#stop(id, userId), LASTS));
    this.show(id);
  }

  #stop(id, userId) {
    const writers = this.#writers.get(id);
    clearTimeout(writers?.get(userId));
    if (writers?.delete(userId)) this.show(id);
  }
}
