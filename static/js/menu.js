/* Menus that open beside what they are about, dialogs that the server fills, and toasts. */

import { button, byId, make, on } from "./dom.js";
import { fetchPart, page, text } from "./page.js";

const MARGIN = 8;
const STAYS = 4_000;
const dialog = byId("dialog");
const toasts = byId("toasts");

/** Open a menu at a point; `onChoose` is called with the item. Resolves nothing: who dismisses it chose nothing. */
export function openMenu(menu, { x, y }, onChoose, opener = document.activeElement) {
  menu.onclick = (event) => {
    const item = event.target.closest("button");
    if (!item) return;
    menu.hidePopover();
    onChoose(item);
  };
  menu.onkeydown = (event) => walk(menu, event);
  menu.ontoggle = (event) => event.newState === "closed" && (document.activeElement === document.body || menu.contains(document.activeElement)) && opener?.focus({ preventScroll: true });
  menu.showPopover();
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.max(MARGIN, x + width + MARGIN > innerWidth ? x - width : x);
  const top = Math.max(MARGIN, y + height + MARGIN > innerHeight ? Math.min(y - height, innerHeight - height - MARGIN) : y);
  menu.style.left = `${left}px`;
  menu.style.top = `${Math.max(MARGIN, top)}px`;
  menu.style.setProperty("--from", `${left < x ? "100%" : "0"} ${top < y ? "100%" : "0"}`);
  items(menu)[0]?.focus();
}

const items = (menu) => [...menu.querySelectorAll('[role="menuitem"]')].filter((item) => item.checkVisibility());

function walk(menu, event) {
  const all = items(menu);
  const here = all.indexOf(document.activeElement);
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  let next = null;
  if (event.key in steps) next = all.at((here + steps[event.key]) % all.length);
  else if (event.key === "Home") next = all[0];
  else if (event.key === "End") next = all.at(-1);
  else if (event.key === "Tab") menu.hidePopover();
  else if (event.key.length === 1) next = all.find((item, at) => at > here && item.textContent.trim().toLowerCase().startsWith(event.key));
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Let somebody choose an emoji, at a point. */
export const openEmoji = async (point, onChoose) => (await import("./emoji.js")).open(point, onChoose);

/** Where the menu of an element opens when the keyboard asks. */
export function pointOf(element) {
  const box = element.getBoundingClientRect();
  return { x: box.left + 16, y: Math.min(box.bottom, innerHeight) - 8 };
}

/** Fill the dialog with a part of the page, and show it. */
export async function openDialog(address) {
  const response = await fetchPart(address);
  if (!response) {
    toast(text("failed"));
    return null;
  }
  dialog.innerHTML = await response.text();
  htmx.process(dialog);
  if (!dialog.open) dialog.showModal();
  return dialog;
}

/** Ask before something that can't be undone. */
export async function makeSure(question, act) {
  const form = (await openDialog(`/ask/${question}`))?.querySelector("form.sure");
  if (!form) return;
  on(form, "submit", (event) => {
    event.preventDefault();
    closeDialog();
    act();
  });
}

export const closeDialog = () => dialog.close();
on(dialog, "click", (event) => event.target === dialog && dialog.close());
// Whatever part of a page is fetched into the dialog is shown in it.
on(dialog, "htmx:afterSwap", () => dialog.open || dialog.showModal());
on(document, "click", (event) => {
  const link = event.target.closest("[data-dialog]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  openDialog(link.href ?? link.dataset.dialog);
});

/** Say something for a moment; with `undo`, offer to take it back. */
export function toast(words, undo) {
  const element = make("p", { className: "toast" }, words);
  const back = () => {
    element.remove();
    undo();
  };
  if (undo) element.append(button(text("undo"), back));
  toasts.replaceChildren(element);
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

const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
let isLeaving = false;
addEventListener("pagehide", () => (isLeaving = true), { capture: true });
addEventListener("pageshow", () => (isLeaving = false));

/** Call the API; resolve to its answer, or to undefined where it refused, and say why. */
export async function call(method, path, body) {
  const headers = { "X-CSRFToken": token() };
  if (body) headers["Content-Type"] = "application/json";
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
  if (response?.status === 401) fetchPart(page.probe);
  const problem = await response?.json().catch(() => null);
  toast(Object.values(problem?.errors ?? {})[0]?.[0] ?? problem?.detail ?? text("failed"));
  return undefined;
}

/** Forms of dialogs that speak to the API: data-call="POST reports"; what succeeded is said in data-done. */
on(document, "submit", async (event) => {
  const form = event.target;
  if (!form.dataset.call) return;
  event.preventDefault();
  const [method, path] = form.dataset.call.split(" ");
  const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && value !== "");
  const answer = await call(method, path, method === "DELETE" ? undefined : Object.fromEntries(fields));
  if (answer === undefined) return;
  closeDialog();
  if (form.dataset.done) toast(form.dataset.done);
});
