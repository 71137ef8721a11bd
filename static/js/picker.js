/* People, chosen from one's contacts or found by name. Without the script their usernames are typed. */

import { button, make, on } from "./dom.js";
import { elements, fetchPart } from "./page.js";

const PAUSE = 150;

/** Make fields of usernames easier: data-people="many" collects, data-people="one" goes on. */
export function pick(fields) {
  for (const field of fields) if (field.dataset.people) choosePeople(field);
}

function choosePeople(field) {
  const chips = make("ul", { className: "chips" });
  const found = make("ul", { className: "picker-found" });
  const box = make("div", { className: "picker" }, found);
  const isOne = field.dataset.people === "one";
  const search = isOne ? field : make("input", { id: field.id, type: "search", placeholder: field.dataset.hint, autocomplete: "off" });
  let chosen = isOne ? [] : namesIn(field.value);
  let timer = 0;
  delete field.dataset.people;
  if (!isOne) {
    for (const name of ["aria-describedby", "aria-invalid"]) if (field.hasAttribute(name)) search.setAttribute(name, field.getAttribute(name));
    field.removeAttribute("id");
    field.hidden = true;
    found.before(chips, search);
  }
  field.after(box);

  async function look() {
    const response = await fetchPart(`/new/people?q=${encodeURIComponent(search.value)}`);
    if (!response) return;
    found.replaceChildren(...elements(await response.text()));
    mark();
  }

  function mark() {
    for (const item of found.querySelectorAll("[data-name]")) item.setAttribute("aria-pressed", String(chosen.includes(item.dataset.name)));
  }

  function choose(names) {
    chosen = names;
    field.value = chosen.join(" ");
    chips.replaceChildren(...chosen.map((name) => make("li", {}, button(`@${name} ✕`, () => toggle(name)))));
    mark();
  }

  function toggle(name) {
    choose(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name]);
    if (search.value) {
      search.value = "";
      look();
    }
    search.focus();
  }

  on(search, "input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  on(found, "click", (event) => {
    const { name } = event.target.closest("[data-name]")?.dataset ?? {};
    if (!name) return;
    if (!isOne) return toggle(name);
    field.value = name;
    field.form.requestSubmit();
  });
  if (!isOne) {
    on(search, "keydown", (event) => {
      if (event.key === "Enter" && search.value) {
        event.preventDefault();
        toggle(found.querySelector("[data-name]")?.dataset.name ?? namesIn(search.value)[0]);
      } else if (event.key === "Backspace" && !search.value) choose(chosen.slice(0, -1));
    });
    // What was typed and not chosen counts like what was.
    on(field.form, "submit", () => choose([...new Set([...chosen, ...namesIn(search.value)])]), true);
    choose(chosen);
  }
  look();
}

const namesIn = (words) => words.match(/[^\s,;@]+/g) ?? [];
