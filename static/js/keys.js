/* Shortcuts of the whole page; `?` lists them. */

import { byId, on } from "./dom.js";
import { openDialog } from "./menu.js";

const isTyping = () => document.activeElement.closest("input, textarea, select, [contenteditable]");

/** Listen for them. */
export function showShortcuts() {
  on(document, "keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const withCommand = event.ctrlKey || event.metaKey;
    if (withCommand && event.key.toLowerCase() === "k") {
      event.preventDefault();
      byId("search").focus();
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      step(event.key === "ArrowUp" ? -1 : 1);
    } else if (event.key === "?" && !withCommand && !isTyping()) openDialog("/keys");
  });
}

/** Open the conversation above or below. */
function step(by) {
  const rows = [...document.querySelectorAll("#rows .row")];
  const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
  rows[here + by]?.click();
}
