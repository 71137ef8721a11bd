/* What the server wrote into the page for the script: who is signed in, the texts, and a corner of the browser's storage. */

import { all, byId, make, one } from "./dom.js";
import { forgetAll } from "./stash.js";

const read = (id) => JSON.parse(byId(id).textContent);

export const page = read("page-data");
const texts = read("page-texts");

/** Return a text in the page's language, with {names} filled in. */
export const text = (key, values) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Tell whether a message is the viewer's own. */
export const isOwn = (message) => message.sender?.id === page.viewer;

/** JSON values by name, kept for this person on this device; where storage is full, for this page alone. */
export const store = makeStore();

function makeStore() {
  const prefix = `chat:${page.viewer}:`;
  // What the browser would not take: full disks refuse, and some private windows.
  const refused = {};

  // What other people left on this device goes.
  for (const key of Object.keys(localStorage)) if (/^chat:/.test(key) && !key.startsWith(prefix)) localStorage.removeItem(key);

  return {
    get: (name, otherwise = null) => JSON.parse(refused[prefix + name] ?? localStorage.getItem(prefix + name)) ?? otherwise,
    set(name, value) {
      const key = prefix + name;
      const words = JSON.stringify(value);
      delete refused[key];
      try {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, words);
      } catch {
        refused[key] = words;
      }
    },
    /** Return what follows in the names that begin so. */
    after: (start) => Object.keys({ ...localStorage, ...refused }).flatMap((key) => key.split(prefix + start)[1] ?? []),
  };
}

/** Let nothing of a session stay in the browser. */
export function wipe() {
  store.set = () => {};
  localStorage.clear();
  sessionStorage.clear();
  forgetAll();
}

const ask = (address) => fetch(address, { headers: { "HX-Request": "true" }, redirect: "manual" }).catch(() => null);
// How a session came to its end, as far as the server knows it.
const endOf = (response) => response?.headers.get("X-Session");

/** Leave a session that was ended; what waits to be sent stays unless the server says that it was taken away. */
export const leave = async () => goToSignIn(endOf(await ask(page.probe)) !== "revoked");

/** Sign in again, and come back here. */
function goToSignIn(staysHere) {
  if (!staysHere) wipe();
  location.assign(`${page.login}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Tell of a request that was refused because the session may have ended. */
export const probe = () => fetchPart(page.probe);

/** Fetch a part of the page; return its HTML, or null where the server can't be reached or refuses. */
export async function fetchPart(address) {
  const response = await ask(address);
  if (response?.status === 401) goToSignIn(endOf(response) !== "revoked");
  return response?.ok ? response.text() : null;
}

/** Return the elements of a fragment that the server rendered. */
export const elements = (html) => [...make("template", { innerHTML: html }).content.children];

/** Give a part of the page what it needs of the modules that are not loaded at once. */
export async function equip(root) {
  if (one("[data-sound]", root)) import("./player.js");
  const fields = all("[data-picker]", root);
  if (fields.length) (await import("./picker.js")).pick(fields);
}

/** Return what a rendered message says, as a preview shows it: without its markup, and with dots for what a spoiler hides. */
export function wordsOf(message) {
  const words = one(".words, .sealed, .tombstone", message)?.cloneNode(true);
  if (words) {
    for (const spoiler of all(".spoiler", words)) spoiler.textContent = "…";
    for (const block of all("pre, blockquote", words)) block.after("\n");
  }
  return words?.textContent.trim() || text(message.dataset.type);
}
