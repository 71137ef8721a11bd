/* Where the timeline stands: it keeps the newest in sight, loads older and newer pages without a jump, and finds the way back. */

import { on } from "./dom.js";
import { elements, fetchPart } from "./page.js";

// So near to the end, the end is what is being read.
const NEAR = 60;
// Pages are fetched before their place comes into sight.
const AHEAD = "800px 0px";
// The day is told for so long after the last movement.
const REST = 1_200;
const PLACE_REST = 200;
// More messages than this are not kept in the page: those furthest away go, and come again when they are scrolled to.
const MOST = 400;

export class Scroll {
  #timeline;
  #observer;
  #resizes;
  #isAtEnd = true;
  #button;
  #path;
  #loading = false;
  #late = [];
  #waiting = 0;
  #rest = 0;
  #placing = 0;

  constructor(pane, timeline, { onMove, onPlace, onNewest }) {
    this.#timeline = timeline;
    this.onMove = onMove;
    this.onPlace = onPlace;
    this.#path = `/c/${pane.dataset.conversation}/history`;
    this.#button = pane.querySelector(".to-newest");
    on(this.#button, "click", (event) => {
      event.preventDefault();
      if (this.hasNewer) onNewest();
      else this.toEnd({ smooth: true });
    });
    on(timeline.box, "scroll", () => this.#move(), { passive: true });
    this.#resizes = new ResizeObserver(() => this.#isAtEnd && this.toEnd());
  }

  /** Messages after those that are here are still to be fetched. */
  get hasNewer() {
    return this.#timeline.box.dataset.newer !== "";
  }

  get isAtEnd() {
    return this.#isAtEnd && !this.hasNewer;
  }

  /** Stand at an element, a little below the top, or at the end; then begin to fetch what is near. */
  begin(element, top = 56) {
    const { box, list } = this.#timeline;
    this.standAt(element, top);
    this.#resizes.observe(box);
    this.#resizes.observe(list);
    const near = (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => this.#load(entry.target));
    this.#observer = new IntersectionObserver(near, { root: box, rootMargin: AHEAD });
    this.resume();
  }

  standAt(element, top = 56) {
    if (element) this.#timeline.box.scrollTop += this.#topOf(element) - top;
    else this.toEnd();
    this.#look();
  }

  /** Where the reader stands: the first message in sight, how far it is from the top, and the newest that is here. */
  get place() {
    this.#look();
    const anchor = !this.isAtEnd && this.#anchor();
    if (!anchor) return null;
    const newest = this.hasNewer ? Number.MAX_SAFE_INTEGER : this.#timeline.newest;
    return { id: anchor.dataset.id, top: Math.round(this.#topOf(anchor)), newest };
  }

  #anchor() {
    return this.#timeline.messages.find((element) => element.dataset.seq && this.#topOf(element) + element.offsetHeight > 0);
  }

  toEnd({ smooth = false } = {}) {
    const { box } = this.#timeline;
    box.scrollTo({ top: box.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.#isAtEnd = true;
    this.waiting = 0;
  }

  /** Keep what is in sight where it is while `change` alters what lies above it; stay at the end where that is in sight. */
  hold(change) {
    if (this.#isAtEnd && !this.hasNewer) {
      change();
      this.toEnd();
      return;
    }
    const anchor = this.#anchor();
    const before = anchor && this.#topOf(anchor);
    change();
    if (anchor?.isConnected) this.#timeline.box.scrollTop += this.#topOf(anchor) - before;
    this.#look();
  }

  /** How many messages wait below. */
  get waiting() {
    return this.#waiting;
  }

  set waiting(count) {
    this.#waiting = count;
    this.#button.querySelector(".badge").textContent = count || "";
  }

  /** Keep a change to a message that a page on its way may hold in an older form. */
  later(change) {
    if (this.#loading) this.#late.push(change);
  }

  stop() {
    this.#observer.disconnect();
    this.#resizes.disconnect();
    clearTimeout(this.#placing);
  }

  /** Fetch what is near and not here yet, or could not be fetched before. */
  resume() {
    for (const end of this.#timeline.box.querySelectorAll(".more")) {
      this.#observer.unobserve(end);
      if (!end.hidden) this.#observer.observe(end);
    }
  }

  /** Let go of messages at an end that is far away, so that a page stays as fast as it was. */
  trim(end) {
    const { box } = this.#timeline;
    const last = this.#timeline.trim(end, MOST);
    if (!last) return;
    box.dataset[end] = `${this.#path}?${end === "older" ? "before" : "after"}=${last.dataset.id}`;
    box.querySelector(`[data-end=${end}]`).hidden = false;
  }

  #topOf(element) {
    return element.getBoundingClientRect().top - this.#timeline.box.getBoundingClientRect().top;
  }

  #move() {
    const { box } = this.#timeline;
    box.dataset.moving = "";
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => delete box.dataset.moving, REST);
    clearTimeout(this.#placing);
    this.#placing = setTimeout(this.onPlace, PLACE_REST);
    this.#look();
  }

  #look() {
    const { box } = this.#timeline;
    this.#isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    if (this.#isAtEnd) this.waiting = 0;
    this.#button.dataset.away = String(!this.isAtEnd);
    this.onMove();
  }

  async #load(end) {
    if (this.#loading) return;
    this.#loading = true;
    const { box } = this.#timeline;
    const response = await fetchPart(box.dataset[end.dataset.end]);
    if (response && box.isConnected) await this.#insert(response, end);
    this.#loading = false;
    if (response) this.resume();
  }

  async #insert(response, end) {
    const { box } = this.#timeline;
    const direction = end.dataset.end;
    const [page] = elements(await response.text());
    box.setAttribute("aria-live", "off");
    const change = () => {
      this.#timeline.append([...page.querySelectorAll(".message")]);
      box.dataset[direction] = page.dataset.more;
      end.hidden = !page.dataset.more;
      this.trim(direction === "older" ? "newer" : "older");
      for (const late of this.#late.splice(0)) late();
    };
    this.hold(change);
    this.#look();
    requestAnimationFrame(() => box.setAttribute("aria-live", "polite"));
  }
}
