/* Pictures and films at full size, over the page: ← and → go through those that are here, the space bar stops and goes on,
   Esc closes. In a film's own controls the arrows are the film's. */

import { cover, uncover } from "./around.js";
import { all, byId, on, one, onKey } from "./dom.js";
import "./media.js";

/** Show the picture or film that a link leads to, among those beside it. */
export const view = makeViewer();

function makeViewer() {
  const dialog = byId("viewer");
  const [image, film, name] = dialog.children;
  let links = [];
  let here = 0;

  function show(at) {
    here = (at + links.length) % links.length;
    const { href, dataset } = links[here];
    const { alt, src, currentSrc } = one("img", links[here]);
    const isFilm = dataset.view === "film";
    image.hidden = isFilm;
    film.hidden = !isFilm;
    forget();
    dialog.ariaLabel = film.ariaLabel = image.alt = name.textContent = alt;
    // The attribute alone would not do for what a bucket gives.
    Object.assign(one("a", dialog), { href: `${href}?download`, download: alt });
    dialog.toggleAttribute("data-alone", links.length < 2);
    if (isFilm) {
      film.poster = `${src}?size=preview`;
      film.src = href;
    } else {
      image.dataset.loading = "";
      image.style.backgroundImage = `url("${currentSrc}")`;
      image.src = href;
    }
  }

  function loaded() {
    delete image.dataset.loading;
    image.style.backgroundImage = "";
  }

  function forget() {
    film.removeAttribute("src");
    film.load();
    image.removeAttribute("src");
    loaded();
  }

  on(image, "load error", loaded);
  on(dialog, "click", ({ target }) => {
    const button = target.closest("[data-step]");
    if (button) show(here + Number(button.dataset.step));
    else if (target !== film && !target.closest("a")) close();
  });
  const close = () => dialog.close();
  on(dialog, "close", () => {
    forget();
    uncover(close);
  });
  onKey(dialog, (key, { target }) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (target === film) return false;
    if (step) show(here + step);
    if (key !== " " || film.hidden || target.closest(".icon-button")) return false;
    if (film.paused) film.play().catch(() => {});
    else film.pause();
    return true;
  });

  return (link) => {
    links = all("[data-view]", link.closest(".messages, .media-grid") ?? document);
    for (const audio of all("audio")) audio.pause();
    show(links.indexOf(link));
    dialog.showModal();
    dialog.focus();
    cover(close);
  };
}
