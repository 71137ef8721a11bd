/* Nothing is lost: each conversation has a version without gaps. What is missing, or may be, is fetched by sync. */

import { teller } from "./dom.js";

/**
 * Tell each server event under its own name, with its frame and the conversation's id, those of messages as "message" too; and of what sync brings, message.synced a message,
 * conversation.synced, conversation.added and conversation.removed, in the same form.
 */
export function makeLive(socket, { epoch, versions: first }) {
  const GAP_PATIENCE = 500;
  // As many conversations as one question may name.
  const ASKED_MOST = 1_000;
  const { hear, tell } = teller();
  const versions = new Map(Object.entries(first));
  const ahead = new Map();
  const gaps = new Map();
  let isSyncing = false;
  let again = false;
  let states = false;
  let asked = {};

  /** Ask for all that changed since the versions that are here. */
  async function sync() {
    again = true;
    if (isSyncing) return;
    isSyncing = true;
    while (again && socket.connected) {
      again = false;
      const every = [...versions];
      try {
        do {
          asked = Object.fromEntries(every.splice(0, ASKED_MOST));
          take(await socket.command("sync", { versions: asked, states }));
        } while (every.length);
      } catch ({ problem }) {
        if (!problem) break;
        await new Promise((resolve) => setTimeout(resolve, (problem.retry_after ?? 5) * 1000));
        again = true;
      }
    }
    isSyncing = false;
  }

  function isNews(id, version) {
    const known = ahead.get(id) ?? new Set();
    if (version <= versions.get(id) || known.has(version)) return false;
    ahead.set(id, known.add(version));
    settle(id);
    return true;
  }

  /** Move a conversation's version over all that came; a gap that stays is fetched. */
  function settle(id) {
    const known = ahead.get(id) ?? new Set();
    let version = versions.get(id);
    for (const old of known) if (old <= version) known.delete(old);
    while (known.delete(version + 1)) version += 1;
    versions.set(id, version);
    if (!known.size) {
      clearTimeout(gaps.get(id));
      gaps.delete(id);
    } else if (!gaps.has(id)) gaps.set(id, setTimeout(() => gaps.delete(id) && sync(), GAP_PATIENCE));
  }

  function take(answer) {
    if (answer.epoch !== epoch) location.reload();
    for (const id of answer.removed) pass("conversation.removed", id, {});
    answer.conversations.forEach(takeOne);
    for (const [id, state] of Object.entries(answer.states ?? {})) pass("state", id, state);
  }

  function takeOne({ conversation, messages, has_more: hasMore, reset }) {
    const { id } = conversation;
    if (!versions.has(id)) {
      pass("conversation.added", id, conversation);
      return;
    }
    // To the server what was not asked for is new: it has its turn.
    if (!(id in asked)) return;
    if (!reset) for (const message of messages) pass("message.synced", id, message, { html: message.html });
    versions.set(id, hasMore ? messages.at(-1).version : conversation.version);
    settle(id);
    if (hasMore) again = true;
    else pass("conversation.synced", id, conversation, { reset });
  }

  function pass(event, id, data, more) {
    if (event === "conversation.added" && !versions.has(id)) versions.set(id, data.version);
    if (event === "conversation.removed") versions.delete(id);
    const frame = { ...more, event, id, data };
    tell(event, frame);
    if (/^message\./.test(event)) tell("message", frame);
  }

  socket.hear("hello", () => sync().then(() => (states = true)));
  socket.hear("frame", (frame) => {
    const { event, conversation_id: id, version, data } = frame;
    if (event === "sync.required" || (version !== undefined && !versions.has(id))) sync();
    else if (version === undefined || isNews(id, version)) pass(event, id, data, frame);
  });

  return {
    hear,
    tell,
    versionOf: (id) => versions.get(id),
    /** Fetch what came after `version` of a conversation, at which a part of the page was made; tell whether anything did. */
    catchUp(id, version) {
      const isBehind = versions.get(id) > version;
      if (isBehind) {
        versions.set(id, version);
        sync();
      }
      return isBehind;
    },
  };
}
