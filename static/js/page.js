/* What the server wrote into the page for the script: who is signed in, the texts, and a corner of the browser's storage. */

import { byId, make } from "./dom.js";
import { forgetAll } from "./stash.js";

const read = (id) => JSON.parse(byId(id).textContent);

export const page = read("page-data");
const texts = read("page-texts");

/** Return a text in the page's language, with {names} filled in. */
export function text(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

let isWiped = false;
const prefix = `chat:${page.viewer}:`;

/** JSON values by name, kept for this person on this device; where storage is full or closed, for this page alone. */
export const store = {
  get(name, otherwise = null) {
    try {
      return JSON.parse(localStorage.getItem(prefix + name)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(name, value) {
    if (isWiped) return;
    try {
      if (value === null) localStorage.removeItem(prefix + name);
      else localStorage.setItem(prefix + name, JSON.stringify(value));
    } catch {
      /* Private windows and full disks refuse; what was typed is still on the page. */
    }
  },
  names() {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  },
  /** Forget what other people left on this device. */
  forgetOthers() {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("chat:") && !key.startsWith(prefix)) localStorage.removeItem(key);
    }
  },
};

/** Let nothing of a session stay in the browser. */
export function wipe() {
  isWiped = true;
  localStorage.clear();
  sessionStorage.clear();
  forgetAll();
}

const ask = (address) => fetch(address, { headers: { "HX-Request": "true" }, redirect: "manual" }).catch(() => null);
// How a session came to its end, as far as the server knows it.
const endOf = (response) => response?.headers.get("X-Session");

/** Leave a session that was ended; what waits to be sent stays where it has only expired. */
export async function leave() {
  goToSignIn(endOf(await ask(page.probe)) === "expired");
}

/** Sign in again, and come back here. */
function goToSignIn(staysHere) {
  if (!staysHere) wipe();
  location.assign(`${page.login}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Fetch a part of the page; return its response, or null where the server can't be reached or refuses. */
export async function fetchPart(address) {
  const response = await ask(address);
  if (response?.status === 401) goToSignIn(endOf(response) !== "revoked");
  return response?.ok ? response : null;
}

/** Return the elements of a fragment that the server rendered. */
export function elements(html) {
  return [...make("template", { innerHTML: html }).content.children];
}

/** Give a part of the page what it needs of the modules that are not loaded at once. */
export async function equip(root) {
  if (root.querySelector("[data-sound]")) import("./player.js");
  if (root.querySelector(".hold")) import("./holds.js");
  const fields = root.querySelectorAll("[data-people]:is(input, textarea)");
  if (fields.length) (await import("./picker.js")).pick(fields);
}

/** Return what a rendered message says, as a preview shows it: without its markup, and with dots for what a spoiler hides. */
export function wordsOf(message) {
  const words = message.querySelector(".words, .sealed, .tombstone")?.cloneNode(true);
  for (const spoiler of words?.querySelectorAll(".spoiler") ?? []) spoiler.textContent = "…";
  for (const block of words?.querySelectorAll("pre, blockquote") ?? []) block.after("\n");
  return words?.textContent.trim() || text(message.dataset.type);
}
