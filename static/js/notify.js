/* Word of a message at which nobody looks here: a sound, and a notice of the system's. */

import { one } from "./dom.js";
import { token } from "./menu.js";
import { elements, fetchPart, page, store, text } from "./page.js";

const { sound, preview, desktop, icon, key } = page.notices;

/** Listen for messages, and for what was read elsewhere. `looksAt` tells whether a conversation is being looked at. */
export function watchMessages(live, looksAt) {
  const PAUSE = 3_000;
  const worker = navigator.serviceWorker;
  const isAllowed = () => desktop && Notification.permission === "granted";

  /** Have pushes come here again: the server knows no address any more, or somebody signed in anew. */
  async function follow() {
    const asked = { userVisibleOnly: true, applicationServerKey: key };
    const subscription = JSON.stringify(await (await worker.ready).pushManager.subscribe(asked));
    const body = new URLSearchParams({ csrfmiddlewaretoken: token(), subscription });
    await fetch("/settings/notifications/on", { method: "POST", body });
  }

  async function tell(tag, { seq, type, mentions, reply_to: target }) {
    // Another folder may be shown.
    const row = one(`.row[data-conversation="${tag}"]`) ?? elements(await fetchPart(`/c/${tag}/row`))[0]?.firstElementChild;
    // One's own are read.
    if (!row || type === "SYSTEM" || row.dataset.readSeq >= seq) return;
    const isToMe = row.dataset.type !== "DM" && [...mentions, target?.sender_id].includes(page.viewer);
    if (row.matches("[data-muted]") && !isToMe) return;
    ring();
    if (!isAllowed() || document.hasFocus()) return;
    const says = (part) => one(part, row).textContent.trim();
    const title = preview ? says(".row-title") : page.site;
    // A screen keeps what it was told.
    const body = preview && row.dataset.secret === undefined ? says(".row-preview") : text("new_message");
    (await worker.ready).showNotification(title, { body, tag, icon });
  }

  /** A sound, but no oftener than every few seconds, in whichever tab is first; browsers have none before a click. */
  function ring() {
    const now = Date.now();
    if (!sound || now - store.get("rang") < PAUSE) return;
    store.set("rang", now);
    new Audio(sound).play().catch(() => {});
  }

  worker?.register("/sw.js").then(() => key && isAllowed() && follow()).catch(() => {});
  // By then it has a row, by which it is told, and may have been read.
  live.hear("message.created", ({ id, data }) => looksAt(id) || setTimeout(tell, 500, id, data));
  live.hear("read", async ({ id: tag }) => {
    const shown = await (await worker?.getRegistration())?.getNotifications({ tag });
    for (const notice of shown ?? []) notice.close();
  });
}
