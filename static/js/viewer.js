/* Pictures and films at full size, over the page: ← and → go through those that are here, the space bar stops and goes on,
   Esc closes. In a film's own controls the arrows are the film's. */

import { byId, make, on } from "./dom.js";
import "./media.js";

const dialog = byId("viewer");
const download = dialog.querySelector("a");
const image = new Image();
const film = make("video", { controls: true, autoplay: true, playsInline: true });
const name = make("p");
dialog.prepend(image, film, name);
let links = [];
let here = 0;

function show(at) {
  here = (at + links.length) % links.length;
  const link = links[here];
  const small = link.querySelector("img");
  const isFilm = link.dataset.view === "film";
  image.hidden = isFilm;
  film.hidden = !isFilm;
  forget();
  image.alt = name.textContent = small.alt;
  // The attribute alone would not do for what a bucket gives.
  download.href = `${link.href}?download`;
  download.download = small.alt;
  for (const button of dialog.querySelectorAll("[data-step]")) button.hidden = links.length < 2;
  if (isFilm) {
    film.poster = `${small.src}?size=preview`;
    film.src = link.href;
    film.setAttribute("aria-label", name.textContent);
  } else {
    image.dataset.loading = "";
    image.style.backgroundImage = `url("${small.currentSrc}")`;
    image.src = link.href;
  }
  dialog.setAttribute("aria-label", name.textContent);
}

function loaded() {
  delete image.dataset.loading;
  image.style.backgroundImage = "";
}

function forget() {
  film.removeAttribute("src");
  film.removeAttribute("poster");
  film.load();
  image.removeAttribute("src");
  loaded();
}

/** Show the picture or film that a link leads to, among those beside it. */
export function view(link) {
  const all = link.closest(".messages, .media-grid") ?? document;
  links = [...all.querySelectorAll("[data-view]")];
  for (const audio of document.querySelectorAll("audio")) audio.pause();
  show(links.indexOf(link));
  dialog.showModal();
  dialog.focus();
}

on(image, "load error", loaded);
on(dialog, "click", ({ target }) => {
  const button = target.closest("[data-step]");
  if (button) show(here + Number(button.dataset.step));
  else if (target !== film && !target.closest("a")) dialog.close();
});
on(dialog, "close", forget);
on(dialog, "keydown", (event) => {
  if (event.target === film) return;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) show(here + step);
  if (event.key === " " && !film.hidden && !event.target.closest(".icon-button")) {
    event.preventDefault();
    if (film.paused) film.play().catch(() => {});
    else film.pause();
  }
});
