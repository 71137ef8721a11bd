/* What has been read: the line above the first unread message, and telling the server what came into sight. */

import { make, rectOf } from "./dom.js";
import { page, text } from "./page.js";

/** Follow how far a timeline is read. `send` takes the id and seq of the newest message that was. */
export function watchReading(timeline, readSeq, send) {
  const PAUSE = 300;
  let timer = 0;
  let line = null;
  let told = readSeq;

  const isUnread = ({ dataset }) => dataset.seq > readSeq && dataset.sender !== page.viewer;

  /** Draw the line above the first message that is new to the reader; return it, or null. */
  function drawLine() {
    clearLine();
    const first = timeline.messages().find(isUnread);
    if (!first) return null;
    line = make("div", { className: "unread-line", role: "separator" }, text("unread_line"));
    first.before(line);
    timeline.group(first);
    return line;
  }

  function clearLine() {
    const next = line?.nextElementSibling;
    line?.remove();
    line = null;
    timeline.group(next);
  }

  /** Note what is in sight, if somebody is looking. */
  function look() {
    const seen = document.hasFocus() && !timer && newestInSight();
    if (!seen || seen.dataset.seq <= told) return;
    timer = setTimeout(() => {
      timer = 0;
      const { id, seq } = (newestInSight() ?? seen).dataset;
      if (seq <= told) return;
      told = Number(seq);
      send(id, told);
    }, PAUSE);
  }

  function newestInSight() {
    const { bottom } = rectOf(timeline.box);
    return timeline.settled().findLast((element) => rectOf(element).bottom <= bottom + 8);
  }

  return {
    drawLine,
    clearLine,
    look,
    /** A message came while nobody looked: draw the line where it stands for something read already. */
    missed() {
      const next = line?.nextElementSibling;
      if (!next || !isUnread(next)) drawLine();
    },
    /** Take over how far the reader got, here or on another device. */
    moveTo(seq) {
      readSeq = Math.max(readSeq, seq);
      told = Math.max(told, seq);
    },
    /** Tell the server again what it may not have heard. */
    repeat() {
      told = Math.min(told, readSeq);
      look();
    },
    stop: () => clearTimeout(timer),
  };
}
