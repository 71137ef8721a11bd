/* The names of people, as the page has met them; who is unknown is asked for once. */

import { page, text } from "./page.js";

const names = new Map([[page.viewer, page.name]]);
const asked = new Map();

/** Remember the name of a message's or a conversation's person. */
export function meet(person) {
  if (person) names.set(person.id, person.display_name);
}

/** Return the name of a person as far as it is known. */
export function nameOf(id) {
  return names.get(id) ?? null;
}

/** Resolve to the name of a person. */
export async function askName(id) {
  if (!names.has(id) && !asked.has(id)) asked.set(id, fetchName(id));
  await asked.get(id);
  return names.get(id) ?? text("somebody");
}

async function fetchName(id) {
  const response = await fetch(`/api/v1/users/${id}`).catch(() => null);
  if (response?.ok) meet(await response.json());
  else asked.delete(id);
}

/** Put names where the server, which speaks to everybody alike, could only count people. */
export async function namePeople(root) {
  for (const element of root.querySelectorAll("[data-people]")) {
    const ids = element.dataset.people.split(" ");
    delete element.dataset.people;
    if (ids.length > 3) continue;
    element.textContent = new Intl.ListFormat(document.documentElement.lang).format(await Promise.all(ids.map(askName)));
  }
}
