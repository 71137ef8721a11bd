/* What was sent and is not yet confirmed: kept on the device, one at a time a conversation, again after each reconnect. */

import { teller } from "./dom.js";
import { store } from "./page.js";

/** Tell "change" with {id, entry} whenever an entry of a conversation is another; a confirmed entry's state is "sent". */
export function makeOutbox(socket) {
  // A connection that is back so soon has lost nothing that anybody need know of.
  const PATIENCE = 2_000;
  const { hear, tell } = teller();
  const busy = new Set();
  let overdue;

  /** Return what waits in a conversation, oldest first. */
  const entries = (id) => store.get(`outbox:${id}`, []);
  const find = (id, clientId) => entries(id).find((each) => each.clientId === clientId);
  const write = (id, changed) => store.set(`outbox:${id}`, changed.length ? changed : null);
  const discard = (id, clientId) => write(id, entries(id).filter((each) => each.clientId !== clientId));
  const conversations = () => store.after("outbox:");

  function mark(id, entry, state) {
    entry = { ...entry, state };
    write(id, entries(id).map((each) => (each.clientId === entry.clientId ? entry : each)));
    tell("change", { id, entry });
  }

  /** Send a text; `about` is the message that it answers, `files` are uploads. */
  function add(id, content, about, files) {
    // crypto.randomUUID is there under https and on localhost alone.
    const clientId = crypto.getRandomValues(new Uint32Array(4)).join("-");
    const entry = { clientId, content, about, files };
    write(id, [...entries(id), entry]);
    go(id, entry);
  }

  function go(id, entry) {
    mark(id, entry, "sending");
    if (socket.connected) send(id);
    else worry();
  }

  function retry(id, clientId) {
    const entry = find(id, clientId);
    if (entry) go(id, { ...entry, refused: undefined, reason: undefined });
  }

  /** The message stands in the timeline, whoever told it. */
  function confirm(id, clientId) {
    const entry = find(id, clientId);
    if (!entry) return;
    discard(id, clientId);
    tell("change", { id, entry: { ...entry, state: "sent" } });
  }

  async function send(id) {
    if (busy.has(id)) return;
    busy.add(id);
    for (;;) {
      const entry = entries(id).find((each) => !each.refused);
      if (!entry || !socket.connected) break;
      if (entry.state !== "sending") mark(id, entry, "sending");
      if (!(await sendOne(id, entry))) break;
    }
    busy.delete(id);
  }

  /** Send an entry; tell whether the next may follow. */
  async function sendOne(id, entry) {
    const { clientId, content, about, files } = entry;
    try {
      await socket.command("message.send", {
        conversation_id: id,
        content,
        client_id: clientId,
        reply_to_id: about?.id,
        attachment_ids: files.map((file) => file.id),
      });
      confirm(id, clientId);
      return true;
    } catch ({ problem }) {
      if (!problem) return false;
      const { retry_after: pause, detail, errors } = problem;
      const isOver = pause === undefined;
      // What it answers may be gone: it goes without.
      mark(id, { ...entry, about: errors?.reply_to_id ? null : about, [isOver ? "refused" : "reason"]: detail }, "failed");
      if (!isOver) setTimeout(send, pause * 1000, id);
      return isOver;
    }
  }

  /** Say that messages are not sent, unless the connection is back before anybody wonders. */
  function worry() {
    overdue ||= setTimeout(() => {
      overdue = 0;
      for (const id of conversations()) {
        for (const entry of entries(id)) if (entry.state === "sending") mark(id, entry, "failed");
      }
    }, PATIENCE);
  }

  socket.hear("down", worry);
  socket.hear("hello", () => {
    overdue = clearTimeout(overdue);
    conversations().forEach(send);
  });
  return { hear, entries, add, retry, discard, confirm };
}
