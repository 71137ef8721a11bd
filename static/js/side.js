/* The pane at the right: what is to know of the open conversation. */

import { byId, on } from "./dom.js";
import { localise } from "./dates.js";
import { toast } from "./menu.js";
import { text } from "./page.js";

const side = byId("side");

/** Close the pane at the right, and go on where one was. */
export function closeSide() {
  side.replaceChildren();
  document.querySelector(".timeline")?.focus({ preventScroll: true });
}

on(side, "click", (event) => {
  if (!event.target.closest(".side-close")) return;
  event.preventDefault();
  closeSide();
});
on(side, "htmx:afterSwap", () => {
  localise(side);
  side.querySelector("h2")?.focus();
});
// Another conversation has another pane.
on(document.body, "htmx:afterSwap", ({ target }) => {
  const open = document.querySelector(".pane")?.dataset.conversation;
  const shown = side.querySelector("[data-about]")?.dataset.about;
  if (target.id === "conversation" && shown && shown !== open) side.replaceChildren();
});
on(document, "click", async (event) => {
  const { copy } = event.target.closest("[data-copy]")?.dataset ?? {};
  if (!copy) return;
  await navigator.clipboard.writeText(copy);
  toast(text("copied"));
});
