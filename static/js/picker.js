/* People, chosen from one's contacts or found by name. Without the script their usernames are typed. */

import { all, button, make, on, onClick, one } from "./dom.js";
import { elements, fetchPart } from "./page.js";

/** Make fields of usernames easier: data-picker="many" collects, data-picker="one" goes on. */
export function pick(fields) {
  for (const field of fields) if (field.dataset.picker) choosePeople(field);
}

function choosePeople(field) {
  const PAUSE = 150;
  const chips = make("ul", { className: "chips" });
  const found = make("ul", { className: "picker-found" });
  const box = make("div", { className: "picker" }, found);
  const { id, ariaInvalid, dataset } = field;
  const isOne = dataset.picker === "one";
  const properties = { id, ariaInvalid, type: "search", placeholder: dataset.hint, autocomplete: "off" };
  const search = isOne ? field : make("input", properties);
  let chosen = [];
  let timer = 0;
  delete dataset.picker;
  field.after(box);

  async function look() {
    const html = await fetchPart(`/new/people?q=${encodeURIComponent(search.value)}`);
    if (html === null) return;
    found.replaceChildren(...elements(html));
    mark();
  }

  function mark() {
    for (const item of all("[data-name]", found)) item.ariaPressed = chosen.includes(item.dataset.name);
  }

  function choose(names) {
    chosen = [...new Set(names)];
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

  function collect() {
    search.setAttribute("aria-describedby", field.getAttribute("aria-describedby") ?? "");
    field.removeAttribute("id");
    field.hidden = true;
    found.before(chips, search);
    on(search, "keydown", (event) => {
      if (event.key === "Enter" && search.value) {
        event.preventDefault();
        toggle(one("[data-name]", found)?.dataset.name ?? namesIn(search.value)[0]);
      } else if (event.key === "Backspace" && !search.value) choose(chosen.slice(0, -1));
    });
    // What was typed and not chosen counts like what was.
    on(field.form, "submit", () => choose([...chosen, ...namesIn(search.value)]), true);
    choose(namesIn(field.value));
  }

  on(search, "input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  onClick(found, "[data-name]", ({ dataset: { name } }) => {
    if (!isOne) return toggle(name);
    field.value = name;
    return field.form.requestSubmit();
  });
  if (!isOne) collect();
  look();
}

const namesIn = (words) => words.match(/[^\s,;@]+/g) ?? [];
