/* Pictures at full size, over the page: ← and → go through those that are here, Esc closes. */

import { make, on } from "./dom.js";

const dialog = make("dialog", { className: "dialog viewer" });
const image = new Image();
const name = make("p");
dialog.append(image, name);
document.body.append(dialog);
let links = [];
let here = 0;

function show(at) {
  here = (at + links.length) % links.length;
  image.src = links[here].href;
  image.alt = name.textContent = links[here].querySelector("img").alt;
  dialog.setAttribute("aria-label", image.alt);
}

/** Show the picture that a link leads to, among those beside it. */
export function view(link) {
  const all = link.closest(".messages, .media-grid") ?? document;
  links = [...all.querySelectorAll("[data-view]")];
  show(links.indexOf(link));
  dialog.showModal();
}

on(dialog, "click", () => dialog.close());
on(dialog, "keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) show(here + step);
});
