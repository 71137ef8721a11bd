/* Where the timeline stands: it keeps the newest in sight, loads older and newer pages without a jump, and finds the way back. */

import { all, on, onClick, one, rectOf } from "./dom.js";
import { elements, fetchPart } from "./page.js";

/** Follow the scrolling of a pane's timeline. */
export function watchScroll(pane, timeline, { onMove, onPlace, onNewest }) {
  // So near to the end, the end is what is being read.
  const NEAR = 60;
  // Pages are fetched before their place comes into sight.
  const AHEAD = "800px 0px";
  // The day is told for so long after the last movement.
  const REST = 1_200;
  const PLACE_REST = 200;
  // More messages than this are not kept in the page: those furthest away go, and come again when they are scrolled to.
  const MOST = 400;
  const { box, list } = timeline;
  const button = one(".to-newest", pane);
  let standsAtEnd = true;
  let isLoading = false;
  const late = [];
  let waiting = 0;
  let rest = 0;
  let placing = 0;

  /** Messages after those that are here are still to be fetched. */
  const hasNewer = () => box.dataset.newer !== "";
  const isAtEnd = () => standsAtEnd && !hasNewer();
  const topOf = (element) => rectOf(element).top - rectOf(box).top;
  const findAnchor = () => timeline.settled().find((element) => topOf(element) + element.offsetHeight > 0);

  const resizes = new ResizeObserver(() => standsAtEnd && toEnd());
  const near = (entries) => entries.forEach((entry) => entry.isIntersecting && load(entry.target));
  const observer = new IntersectionObserver(near, { root: box, rootMargin: AHEAD });

  /** Stand at an element, a little below the top, or at the end; then begin to fetch what is near. */
  function begin(element, top) {
    standAt(element, top);
    resizes.observe(box);
    resizes.observe(list);
    resume();
  }

  function standAt(element, top = 56) {
    if (element) box.scrollTop += topOf(element) - top;
    else toEnd();
    look();
  }

  function toEnd(behavior = "instant") {
    box.scrollTo({ top: box.scrollHeight, behavior });
    standsAtEnd = true;
    wait(0);
  }

  /** Keep what is in sight where it is while `change` alters what lies above it; stay at the end where that is in sight. */
  function hold(change) {
    if (isAtEnd()) {
      change();
      toEnd();
      return;
    }
    const anchor = findAnchor();
    const before = anchor && topOf(anchor);
    change();
    if (anchor?.isConnected) box.scrollTop += topOf(anchor) - before;
    look();
  }

  /** Say how many messages wait below. */
  function wait(count) {
    waiting = count;
    one(".badge", button).textContent = count || "";
  }

  /** Fetch what is near and not here yet, or could not be fetched before. */
  function resume() {
    for (const end of all(".more", box)) {
      observer.unobserve(end);
      if (!end.hidden) observer.observe(end);
    }
  }

  /** Let go of messages at an end that is far away, so that a page stays as fast as it was. */
  function trim(end) {
    const last = timeline.trim(end, MOST);
    if (!last) return;
    const side = end === "older" ? "before" : "after";
    box.dataset[end] = `/c/${pane.dataset.conversation}/history?${side}=${last.dataset.id}`;
    one(`[data-end=${end}]`, box).hidden = false;
  }

  function look() {
    standsAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    if (standsAtEnd) wait(0);
    button.dataset.away = !isAtEnd();
    onMove();
  }

  async function load(end) {
    if (isLoading) return;
    isLoading = true;
    const html = await fetchPart(box.dataset[end.dataset.end]);
    isLoading = false;
    if (html !== null && box.isConnected) insert(elements(html)[0], end);
    for (const change of late.splice(0)) change();
    if (html !== null) resume();
  }

  function insert(page, end) {
    const direction = end.dataset.end;
    box.ariaLive = "off";
    hold(() => {
      timeline.append(all(".message", page));
      box.dataset[direction] = page.dataset.more;
      end.hidden = !page.dataset.more;
      trim(direction === "older" ? "newer" : "older");
    });
    requestAnimationFrame(() => (box.ariaLive = "polite"));
  }

  onClick(pane, ".to-newest", () => (hasNewer() ? onNewest() : toEnd("smooth")));
  on(box, "scroll", () => {
    box.dataset.moving = "";
    clearTimeout(rest);
    rest = setTimeout(() => delete box.dataset.moving, REST);
    clearTimeout(placing);
    placing = setTimeout(onPlace, PLACE_REST);
    look();
  });

  return {
    begin,
    standAt,
    toEnd,
    hold,
    resume,
    trim,
    hasNewer,
    isAtEnd,
    /** One more message waits below. */
    more: () => wait(waiting + 1),
    /** Keep a change until a page that is on its way is here; tell whether one is. */
    later: (change) => isLoading && late.push(change),
    /** Return where the reader stands: the first message in sight, how far it is from the top, and the newest that is here. */
    place() {
      look();
      const anchor = !isAtEnd() && findAnchor();
      if (!anchor) return null;
      const newest = hasNewer() ? Number.MAX_VALUE : timeline.newest();
      return { id: anchor.dataset.id, top: Math.round(topOf(anchor)), newest };
    },
    stop() {
      observer.disconnect();
      resizes.disconnect();
      clearTimeout(placing);
    },
  };
}
