/* A quiet bar while there is no connection. */

import { byId, on } from "./dom.js";
import { text } from "./page.js";

// Most interruptions are over before anybody need know of them.
const PATIENCE = 1_000;

/** Keep the bar true to the socket. */
export function watchConnection(socket) {
  const bar = byId("status");
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      bar.hidden = false;
      bar.textContent = text(navigator.onLine ? "connecting" : "offline");
    }, PATIENCE);
  };
  on(socket, "down", wait);
  on(socket, "hello", () => {
    clearTimeout(timer);
    bar.hidden = true;
  });
  wait();
}
