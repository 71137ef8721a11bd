/* The border between the list and the conversation: dragged, or moved by the arrow keys; its place is remembered. */

import { make, on } from "./dom.js";
import { store, text } from "./page.js";

const LEAST = 260;
const MOST = 540;
const STEP = 20;

const sidebar = document.querySelector(".sidebar");
const border = make("div", { className: "resizer", role: "separator", tabIndex: 0, ariaOrientation: "vertical", ariaLabel: text("list_width") });
Object.assign(border, { ariaValueMin: LEAST, ariaValueMax: MOST });

function move(width) {
  const list = Math.round(Math.min(MOST, Math.max(LEAST, width)));
  document.documentElement.style.setProperty("--list", `${list}px`);
  border.ariaValueNow = list;
  store.set("list", list);
}

const isTurned = () => getComputedStyle(sidebar).direction === "rtl";

on(border, "pointerdown", (event) => {
  event.preventDefault();
  border.setPointerCapture(event.pointerId);
});
on(border, "pointermove", ({ pointerId, clientX }) => {
  if (border.hasPointerCapture(pointerId)) move(isTurned() ? innerWidth - clientX : clientX);
});
on(border, "keydown", ({ key }) => {
  const step = { ArrowLeft: -STEP, ArrowRight: STEP }[key];
  if (step) move(sidebar.offsetWidth + (isTurned() ? -step : step));
});
border.ariaValueNow = sidebar.offsetWidth;
sidebar.append(border);
