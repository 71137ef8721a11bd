/* Menus that open beside what they are about, dialogs that the server fills, and toasts. */

import { localise } from "./dates.js";
import { all, button, byId, make, on, one, rectOf } from "./dom.js";
import { fetchPart, probe, text } from "./page.js";

const STAYS = 4_000;
const dialog = byId("dialog");

/** Open a menu at a point; `onChoose` is called with the item. Resolves nothing: who dismisses it chose nothing. */
export function openMenu(menu, point, onChoose, opener = document.activeElement) {
  const MARGIN = 8;
  const { x, y, held } = point;
  if (held) {
    // With the button goes what opened while it was down: in Firefox, where the system asks for menus that early.
    point.held = 0;
    on(window, "pointerup", () => setTimeout(openMenu, 0, menu, point, onChoose, opener), { once: true });
    return;
  }
  menu.onclick = ({ target }) => {
    const item = target.closest("button");
    if (!item) return;
    menu.hidePopover();
    onChoose(item);
  };
  menu.onkeydown = (event) => walk(menu, event);
  menu.ontoggle = ({ newState }) => {
    const { activeElement: focused, body } = document;
    if (newState === "closed" && (focused === body || menu.contains(focused))) opener?.focus({ preventScroll: true });
  };
  menu.showPopover();
  // As large as it will be: it grows as it opens.
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = Math.max(MARGIN, x + width + MARGIN > innerWidth ? x - width : x);
  const lowest = innerHeight - height - MARGIN;
  const top = Math.max(MARGIN, y > lowest ? Math.min(y - height, lowest) : y);
  menu.style.cssText = `left:${left}px;top:${top}px;--from:${left < x ? "100%" : 0} ${top < y ? "100%" : 0}`;
  items(menu)[0]?.focus();
}

const items = (menu) => all("[role=menuitem]", menu).filter((item) => item.checkVisibility());

function walk(menu, event) {
  const { key } = event;
  const every = items(menu);
  const here = every.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[key];
  let next;
  if (step) next = every.at((here + step) % every.length);
  else if (key === "Home") next = every[0];
  else if (key === "End") next = every.at(-1);
  else if (key === "Tab") menu.hidePopover();
  else next = every.find((item, at) => at > here && item.textContent.trim().toLowerCase().startsWith(key));
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Let somebody choose an emoji, at a point; the panel is fetched when it is first wanted. */
export async function openEmoji(point, onChoose) {
  const panel = byId("emoji");
  if (!panel.firstElementChild) panel.innerHTML = await fetchPart(panel.dataset.address);
  htmx.process(panel);
  openMenu(panel, point, (item) => onChoose(item.dataset.emoji));
  panel.onkeydown = null;
  one("input", panel)?.focus();
}

/** Where a menu opens that was asked for on an element: at the pointer, or where the keyboard is. */
export function pointOf(element, event) {
  if (event?.clientX) return { x: event.clientX, y: event.clientY, held: event.buttons };
  const { left, bottom } = rectOf(element);
  return { x: left + 16, y: Math.min(bottom, innerHeight) - 8 };
}

/** Fill the dialog with a part of the page, and show it. */
export async function openDialog(address) {
  const html = await fetchPart(address);
  if (html === null) {
    toast(text("failed"));
    return null;
  }
  dialog.innerHTML = html;
  htmx.process(dialog);
  localise(dialog);
  if (!dialog.open) dialog.showModal();
  return dialog;
}

/** Ask before something that can't be undone. */
export async function makeSure(question, act) {
  if (!(await openDialog(`/ask/${question}`))) return;
  one("form.sure", dialog).onsubmit = (event) => {
    event.preventDefault();
    closeDialog();
    act();
  };
}

export const closeDialog = () => dialog.close();
on(dialog, "click", ({ target }) => target === dialog && closeDialog());

/** Say something for a moment; with `undo`, offer to take it back. */
export function toast(words, undo) {
  const element = make("p", { className: "toast" }, words);
  if (undo) element.append(button(text("undo"), undo));
  element.onclick = () => element.remove();
  one(".toast")?.remove();
  // What stands under a dialog can't be read.
  (dialog.open ? dialog : byId("toasts")).append(element);
  setTimeout(() => element.remove(), STAYS);
}

/** Do something unless it is taken back while the toast says so; leaving the page does it at once. */
export function postpone(words, act, undo) {
  const end = (then) => {
    clearTimeout(timer);
    removeEventListener("pagehide", done);
    then();
  };
  const done = () => end(act);
  const timer = setTimeout(done, STAYS);
  addEventListener("pagehide", done);
  toast(words, () => end(undo));
}

/** Return what proves to the server that a request comes from this page. */
export const token = () => one("[name=csrfmiddlewaretoken]").value;
/** Return what a refusal says. */
export const reasonOf = (problem) => Object.values(problem?.errors ?? {})[0]?.[0] ?? problem?.detail ?? text("failed");

/** Copy words, where the browser lets a page do so: plain http it does not. */
export async function copy(words) {
  const { clipboard } = navigator;
  await clipboard?.writeText(words);
  toast(text(clipboard ? "copied" : "failed"));
}

let isLeaving = false;
addEventListener("pagehide", () => (isLeaving = true), { capture: true });
addEventListener("pageshow", () => (isLeaving = false));

/** Call the API; resolve to its answer, or to undefined where it refused, and say why unless that is `quiet`. */
export async function call(method, path, body, quiet) {
  const headers = { "X-CSRFToken": token(), "Content-Type": "application/json" };
  const address = `/api/v1/${path}`;
  const options = { method, headers, body: body && JSON.stringify(body), keepalive: true };
  // What a page that goes asks for through its service worker goes with it (Chromium), `keepalive` or not.
  const worker = isLeaving && navigator.serviceWorker?.controller;
  if (worker) {
    worker.postMessage({ address, options });
    return null;
  }
  const response = await fetch(address, options).catch(() => null);
  if (response?.ok) return response.status === 204 ? null : response.json();
  if (response?.status === 401) probe();
  if (!quiet) toast(reasonOf(await response?.json().catch(() => null)));
  return undefined;
}

/** Forms of dialogs that speak to the API: data-call="POST reports"; what succeeded is said in data-done. */
on(document, "submit", async (event) => {
  const form = event.target;
  if (!form.dataset.call) return;
  event.preventDefault();
  const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && value);
  if ((await call(...form.dataset.call.split(" "), Object.fromEntries(fields))) === undefined) return;
  closeDialog();
  toast(form.dataset.done);
});
