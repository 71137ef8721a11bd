/* Pictures and films at full size, over the page: ← and → go through those that are here, the space bar stops and goes on,
   Esc closes. In a film's own controls the arrows are the film's. */

import { make, on } from "./dom.js";

const dialog = make("dialog", { className: "dialog viewer", tabIndex: -1 });
const image = new Image();
const film = make("video", { controls: true, autoplay: true, playsInline: true });
const name = make("p");
dialog.append(image, film, name);
document.body.append(dialog);
let links = [];
let here = 0;

function show(at) {
  here = (at + links.length) % links.length;
  const link = links[here];
  const isFilm = link.dataset.view === "film";
  image.hidden = isFilm;
  film.hidden = !isFilm;
  forget();
  image.alt = name.textContent = link.querySelector("img").alt;
  if (isFilm) {
    film.poster = `${link.querySelector("img").src}?size=preview`;
    film.src = link.href;
    film.setAttribute("aria-label", name.textContent);
  } else image.src = link.href;
  dialog.setAttribute("aria-label", name.textContent);
}

function forget() {
  film.removeAttribute("src");
  film.removeAttribute("poster");
  film.load();
  image.removeAttribute("src");
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

on(dialog, "click", ({ target }) => target !== film && dialog.close());
on(dialog, "close", forget);
on(dialog, "keydown", (event) => {
  if (event.target === film) return;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) show(here + step);
  if (event.key === " " && !film.hidden) {
    event.preventDefault();
    if (film.paused) film.play().catch(() => {});
    else film.pause();
  }
});
