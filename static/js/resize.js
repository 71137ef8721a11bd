/* The border between the list and the conversation: dragged, or moved by the arrow keys; its place is remembered. */

import { byId, one } from "./dom.js";
import { store } from "./page.js";

/** Let the border be moved. */
export function watchBorder() {
  const sidebar = one(".sidebar");
  const border = byId("resizer");
  const left = store.get("list");

  function move(width) {
    const list = Math.round(Math.min(border.ariaValueMax, Math.max(border.ariaValueMin, width)));
    document.documentElement.style.setProperty("--list", `${list}px`);
    border.ariaValueNow = list;
    store.set("list", list);
  }

  const isTurned = document.dir === "rtl";

  border.onpointerdown = (event) => {
    event.preventDefault();
    border.setPointerCapture(event.pointerId);
  };
  border.onpointermove = ({ pointerId, clientX }) => {
    if (border.hasPointerCapture(pointerId)) move(isTurned ? innerWidth - clientX : clientX);
  };
  border.onkeydown = ({ key }) => {
    const step = { ArrowLeft: -20, ArrowRight: 20 }[key];
    if (step) move(sidebar.offsetWidth + (isTurned ? -step : step));
  };

  if (left) move(left);
  else border.ariaValueNow = sidebar.offsetWidth;
}
