/* Pictures at full size, over the page: ← and → go through those that are here, Esc closes. */

const dialog = document.createElement("dialog");
const image = new Image();
const name = document.createElement("p");
dialog.className = "dialog viewer";
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

/** Listen for pictures. */
export function watchPictures() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-view]");
    if (!link || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    event.preventDefault();
    const all = link.closest(".messages, .media-grid") ?? document;
    links = [...all.querySelectorAll("[data-view]")];
    show(links.indexOf(link));
    dialog.showModal();
  });
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) show(here + step);
  });
}
