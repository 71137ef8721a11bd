/* What is said most often to the document. */

/** Listen for events, named with spaces between. */
export function on(target, names, listener, options) {
  for (const name of names.split(" ")) target.addEventListener(name, listener, options);
}

export const byId = (id) => document.getElementById(id);

/** Return the first element that matches, or null. */
export const one = (selector, root = document) => root.querySelector(selector);

/** Return the elements that match, as an array. */
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Return where an element stands in the window. */
export const rectOf = (element) => element.getBoundingClientRect();

/** Return a new element with these properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Return a button that does something. */
export const button = (label, onclick, properties) => make("button", { type: "button", onclick, ...properties }, label);

/** Act at plain clicks on what matches; a click that asks for another tab is the browser's. */
export function onClick(root, selector, act, options) {
  on(root, "click", (event) => {
    const found = event.target.closest(selector);
    if (!found || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    event.preventDefault();
    act(found, event);
  }, options);
}

/** Act at keys, told by their names: what `act` uses, by returning what is true, is not the browser's any more. */
export function onKey(target, act) {
  on(target, "keydown", (event) => {
    if (!event.defaultPrevented && !event.isComposing && act(event.key, event)) event.preventDefault();
  });
}

/** Return the current focus if it lies within what matches. */
export const focusIn = (selector) => document.activeElement.closest(selector);

/** Return what tells listeners of events: hear(name, listener) and tell(name, detail). */
export function teller() {
  const target = new EventTarget();
  return {
    hear: (names, listener, options) => on(target, names, (event) => listener(event.detail), options),
    tell: (name, detail) => target.dispatchEvent(new CustomEvent(name, { detail })),
  };
}
