/* The open conversation: its timeline, its place, what is read of it, its composer, and what the server tells of it. */

import { all, on, one } from "./dom.js";
import { watchActs } from "./acts.js";
import { makeComposer } from "./composer.js";
import { localise } from "./dates.js";
import { meet } from "./others.js";
import { elements, fetchPart, isOwn, page, store, text } from "./page.js";
import { watchReading } from "./reading.js";
import { watchScroll } from "./scroll.js";
import { makeTimeline } from "./timeline.js";

/** Return where the reader left a conversation, unless what came since is rather to be stood at. */
export function leftAt({ dataset }) {
  const { conversation, atEnd, jumpTo, lastSeq, readSeq } = dataset;
  const place = atEnd === undefined && !jumpTo && store.get(`place:${conversation}`);
  return place && (lastSeq === readSeq || readSeq < place.newest) ? place : null;
}

/** Open a conversation that the page shows. `onRead` hears how far it was read, `visit` loads another view. */
export function makePane(element, { socket, live, outbox, onRead, visit }) {
  const { dataset } = element;
  const id = dataset.conversation;
  const address = `/c/${id}`;
  const header = () => one(".pane-top", element);
  const toNewest = () => {
    // Who loads the page again does not want what they have left.
    history.replaceState({ htmx: true }, "", address);
    visit(`${address}?newest`);
  };
  const timeline = makeTimeline(one(".timeline", element));
  const reading = watchReading(timeline, Number(dataset.readSeq), (messageId, seq) =>
    socket.command("read", { conversation_id: id, message_id: messageId }).then(() => onRead(id, seq), () => {}),
  );
  const scroll = watchScroll(element, timeline, {
    onMove: reading.look,
    onPlace: keepPlace,
    onNewest: toNewest,
  });
  let version = Number(dataset.version);
  let wasAway = false;
  let stopped;

  function begin() {
    const line = reading.drawLine();
    const place = leftAt(element);
    const left = place && timeline.find(place.id);
    if (left) scroll.begin(left, place.top);
    else scroll.begin(timeline.find(dataset.jumpTo) ?? (dataset.atEnd === undefined ? line : null));
    timeline.box.dataset.ready = "";
  }

  function resume() {
    stopped = new AbortController();
    listen(stopped);
    pane.composer?.resume();
    return live.catchUp(id, version);
  }

  /** Note where the reader stands, for a reload. */
  function keepPlace() {
    if (element.isConnected) store.set(`place:${id}`, scroll.place());
  }

  /** Show a message and point to it; what is not here is visited. */
  function jump(messageId) {
    const message = timeline.find(messageId);
    if (!message) {
      visit(`${address}/${messageId}`);
      return;
    }
    message.scrollIntoView({ block: "center" });
    message.focus({ preventScroll: true });
    message.classList.remove("found");
    requestAnimationFrame(() => message.classList.add("found"));
  }

  function listen({ signal }) {
    const hear = (names, act) => live.hear(names, (frame) => frame.id === id && act(frame), { signal });
    hear("message", put);
    hear("conversation.updated member.joined member.left member.updated state", fetchHeader);
    hear("conversation.synced", meetNews);
    hear("conversation.updated conversation.synced state", ({ data }) => pane.composer?.follow(data.draft));
    for (const kind of ["read", "delivered"]) {
      hear(`receipt.${kind}`, ({ data }) => data.user_id !== page.viewer && timeline.acknowledge(kind, data.seq));
      hear("state", ({ data }) => timeline.acknowledge(kind, data[`others_${kind}_seq`]));
    }
    hear("attachment.updated", ({ data }) => pane.composer?.files.hear(data));
    outbox.hear("change", (change) => change.id === id && showEntry(change.entry), { signal });
    socket.hear("hello", () => {
      scroll.resume();
      reading.repeat();
      pane.composer?.files.resume();
    }, { signal });
    on(window, "focus", reading.look, { signal });
    on(window, "pagehide", keepPlace, { signal });
    on(document, "visibilitychange", () => {
      reading.look();
      timeline.renameDays();
    }, { signal });
  }

  function put(frame) {
    const { event, data: message, html } = frame;
    const { sender, seq, client_id: clientId } = message;
    const own = isOwn(message);
    const here = timeline.find(message.id);
    meet(sender);
    if (message.is_deleted) pane.composer?.forget(message.id);
    if (own && clientId) outbox.confirm(id, clientId);
    const isNew = seq > timeline.newest();
    if (isNew ? scroll.hasNewer() : seq < timeline.oldest()) {
      // The page that is on its way may lack it, or hold it as it was.
      if (!scroll.later(() => put(frame)) && isNew && event !== "message.updated" && !own) scroll.more();
      return;
    }
    if ((here && "pinned" in here.dataset !== message.is_pinned) || (isNew && message.type === "SYSTEM")) fetchHeader();
    const wasAtEnd = scroll.isAtEnd();
    scroll.hold(() => {
      timeline.put(message, html);
      if (wasAtEnd) scroll.trim("older");
    });
    if (!isNew) return;
    if (own) reading.moveTo(seq);
    else {
      if (!document.hasFocus()) reading.missed();
      if (!wasAtEnd) scroll.more();
    }
    reading.look();
  }

  /** Fetch what stands above the conversation anew. */
  async function fetchHeader() {
    const html = await fetchPart(`${address}/header`);
    if (html === null || stopped.signal.aborted) return;
    const [fresh] = elements(html);
    const ways = () => all("a, button", header());
    const focused = ways().indexOf(document.activeElement);
    localise(fresh);
    pane.title = one("h1", fresh).textContent.trim();
    header().replaceWith(fresh);
    htmx.process(fresh);
    ways()[focused]?.focus();
    // What stands at the right follows.
    htmx.trigger(document.body, "renew");
    // Somebody may write here now, or no longer.
    if ("writable" in fresh.dataset === !pane.composer) visit(address);
  }

  /** What came while another conversation was open is new: stand where it begins. */
  function meetNews() {
    const line = wasAway && reading.drawLine();
    wasAway = false;
    if (line) scroll.standAt(line);
  }

  /** Show an entry of the outbox as it now is. */
  function showEntry(entry) {
    const { clientId, state, refused, reason, content, files } = entry;
    const standing = timeline.findPending(clientId);
    if (!standing && state === "sent") return;
    scroll.hold(() => {
      const bubble = standing ?? timeline.putPending(entry);
      const retry = () => outbox.retry(id, clientId);
      const discard = () => {
        outbox.discard(id, clientId);
        timeline.remove(bubble);
        pane.composer?.restore(content, files);
      };
      timeline.setPendingState(bubble, state, refused ?? reason ?? text("waits"), retry, discard);
    });
  }

  const showOutbox = () => outbox.entries(id).forEach(showEntry);

  const pane = {
    id,
    element,
    timeline,
    title: dataset.title,
    keepPlace,
    jump,
    fetchHeader,
    /** Take over how far the viewer has read, here or elsewhere. */
    read: reading.moveTo,
    /** Be open again: as it was left at once, then with what came since. */
    comeBack() {
      const place = store.get(`place:${id}`);
      timeline.renameDays();
      showOutbox();
      scroll.begin(place && timeline.find(place.id), place?.top);
      fetchHeader();
      wasAway = resume();
    },
    stop() {
      version = live.versionOf(id);
      stopped.abort();
      scroll.stop();
      reading.stop();
      pane.composer?.stop();
    },
  };

  showOutbox();
  pane.acts = watchActs(pane);
  const form = one("form.composer", element);
  if (form) {
    pane.composer = makeComposer(form, id, {
      onSend(content, about, files) {
        reading.clearLine();
        outbox.add(id, content, about, files);
        if (scroll.hasNewer()) toNewest();
        else scroll.toEnd();
      },
      onEditLast: pane.acts.editLast,
      onTyping: () => socket.command("typing", { conversation_id: id }).catch(() => {}),
    });
  }
  // A draft has made the composer as tall as it is.
  begin();
  resume();
  if (timeline.find(dataset.jumpTo)) jump(dataset.jumpTo);
  return pane;
}
