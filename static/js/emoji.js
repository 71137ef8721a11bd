/* The emoji picker: fetched once, when it is first wanted. */

import { byId } from "./dom.js";
import { openMenu } from "./menu.js";
import { fetchPart } from "./page.js";

const panel = byId("emoji");

/** Let somebody choose an emoji, at a point. */
export async function open(point, onChoose) {
  if (!panel.firstElementChild) {
    const response = await fetchPart(panel.dataset.address);
    if (!response) return;
    panel.innerHTML = await response.text();
    const field = panel.querySelector("input");
    field.oninput = () => {
      const words = field.value.trim().toLowerCase();
      for (const item of panel.querySelectorAll("[data-emoji]")) item.hidden = !item.title.includes(words);
      for (const group of panel.querySelectorAll("section")) group.hidden = !group.querySelector("[data-emoji]:not([hidden])");
    };
  }
  openMenu(panel, point, (item) => onChoose(item.dataset.emoji));
  panel.onkeydown = null;
  panel.querySelector("input").focus();
}
