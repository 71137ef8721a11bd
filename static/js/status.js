/* A quiet bar while there is no connection. */

import { text } from "./page.js";

// Most interruptions are over before anybody need know of them.
const PATIENCE = 1_000;

/** Keep the bar true to the socket. */
export function watchConnection(socket) {
  const bar = document.getElementById("status");
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      bar.hidden = false;
      bar.textContent = text(navigator.onLine ? "connecting" : "offline");
    }, PATIENCE);
  };
  socket.addEventListener("down", wait);
  socket.addEventListener("hello", () => {
    clearTimeout(timer);
    bar.hidden = true;
  });
  wait();
}
