/* What is said most often to the document. */

/** Listen for events, named with spaces between. */
export function on(target, names, listener, options) {
  for (const name of names.split(" ")) target.addEventListener(name, listener, options);
}

export const byId = (id) => document.getElementById(id);

/** Return a new element with these properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Return a button that does something. */
export const button = (label, onclick, properties) => make("button", { type: "button", onclick, ...properties }, label);
