/* Keeps a page about people true while it is open: who asks, who answers, who comes and goes. */

import { all, on } from "./dom.js";
import { makeSocket } from "./socket.js";

function main() {
  const socket = makeSocket("/ws/v1/", () => {});
  const { body } = document;
  const reload = () => location.reload();
  const renew = () => htmx.trigger(body, "renew");

  socket.hear("hello", () => {
    const ids = new Set(all("#live [data-person]").map((element) => element.dataset.person));
    socket.command("presence.watch", { user_ids: [...ids].slice(0, 200) }).catch(() => {});
    renew();
  });
  socket.hear("frame", ({ event }) => /^(contact\.|presence$|user\.updated$|sync\.required$)/.test(event) && renew());
  socket.hear("ended", reload);
  on(body, "htmx:responseError", reload);
  socket.open();
}

main();
