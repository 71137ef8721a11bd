/* Names to mention: after an @, the members whose names begin so. */

import { on, one } from "./dom.js";
import { elements, fetchPart } from "./page.js";

/** Offer the names of a conversation's members in the field of a form. */
export function makeComplete(form, field, id) {
  const PAUSE = 120;
  const list = one(".complete", form);
  let timer = 0;

  async function offer(word) {
    const html = await fetchPart(`/c/${id}/mentions?q=${word}`);
    list.replaceChildren(...elements(html ?? ""));
    list.hidden = !list.firstChild;
    list.firstChild?.classList.add("here");
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
      const here = one(".here", list);
      const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[key];
      if (step) {
        const next = here[step] ?? list[key === "ArrowUp" ? "lastChild" : "firstChild"];
        here.classList.remove("here");
        next.classList.add("here");
      } else if (key === "Escape") hide();
      else if (key === "Enter" || key === "Tab") take(here);
      else return false;
      return true;
    },
  };
}
