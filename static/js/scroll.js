/* Where the timeline stands: it keeps the newest in sight, loads older and newer pages without a jump, and finds the way back. */

import { elements, fetchPart } from "./page.js";

// So near to the end, the end is what is being read.
const NEAR = 60;
// Pages are fetched before their place comes into sight.
const AHEAD = "800px 0px";
// The day is told for so long after the last movement.
const REST = 1_200;

export class Scroll {
  #timeline;
  #observer;
  #resizes;
  #isAtEnd = true;
  #button;
  #loading = false;
  #late = [];
  #waiting = 0;
  #rest = 0;

  constructor(pane, timeline, { onMove, onNewest }) {
    this.#timeline = timeline;
    this.onMove = onMove;
    this.#button = pane.querySelector(".to-newest");
    this.#button.addEventListener("click", (event) => {
      event.preventDefault();
      if (this.hasNewer) onNewest();
      else this.toEnd({ smooth: true });
    });
    timeline.box.addEventListener("scroll", () => this.#move(), { passive: true });
    this.#resizes = new ResizeObserver(() => this.#isAtEnd && this.toEnd());
    this.#resizes.observe(timeline.box);
    this.#resizes.observe(timeline.list);
  }

  /** Messages after those that are here are still to be fetched. */
  get hasNewer() {
    return this.#timeline.box.dataset.newer !== "";
  }

  get isAtEnd() {
    return this.#isAtEnd && !this.hasNewer;
  }

  /** Stand at an element, a little below the top, or at the end; then begin to fetch what is near. */
  begin(element) {
    if (element) this.#timeline.box.scrollTop += this.#topOf(element) - 56;
    else this.toEnd();
    this.#look();
    const near = (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => this.#load(entry.target));
    this.#observer = new IntersectionObserver(near, { root: this.#timeline.box, rootMargin: AHEAD });
    this.resume();
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
    const anchor = this.#timeline.messages.find((element) => this.#topOf(element) + element.offsetHeight > 0);
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
    this.#observer?.disconnect();
    this.#resizes.disconnect();
  }

  /** Fetch what is near and not here yet, or could not be fetched before. */
  resume() {
    for (const end of this.#timeline.box.querySelectorAll(".more")) {
      this.#observer.unobserve(end);
      if (!end.hidden) this.#observer.observe(end);
    }
  }

  #topOf(element) {
    return element.getBoundingClientRect().top - this.#timeline.box.getBoundingClientRect().top;
  }

  #move() {
    const { box } = this.#timeline;
    box.dataset.moving = "";
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => delete box.dataset.moving, REST);
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
      for (const late of this.#late.splice(0)) late();
    };
    if (direction === "newer") change();
    else this.hold(change);
    this.#look();
    requestAnimationFrame(() => box.setAttribute("aria-live", "polite"));
  }
}
