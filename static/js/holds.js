/* What holds the place of a picture goes when that is there: it would be seen through it. */

import { on } from "./dom.js";

on(document, "load", ({ target }) => target.nextElementSibling?.matches(".hold") && target.nextElementSibling.remove(), true);
for (const hold of document.querySelectorAll(".hold")) if (hold.previousElementSibling.naturalWidth) hold.remove();
