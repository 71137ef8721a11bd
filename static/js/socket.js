/* The connection: it opens, says hello, carries commands and their replies, and comes back by itself when it breaks. */

import { on } from "./dom.js";

const LONGEST_PAUSE = 30_000;
const PATIENCE = 15_000;
// A server that is replaced says so: all its sockets hear it at once, and its successor would meet all of them at once.
const RESTARTING = 1012;
const SPREAD = 4_000;

/** The server's answer to a command was no; `problem` says why. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The connection was not there, or broke before the answer came. */
export class Disconnected extends Error {}

/** Fires "hello" and "down", and "frame" with each event that the server sends. */
export class Socket extends EventTarget {
  #address;
  #onRefused;
  #web = null;
  #waiting = new Map();
  #sent = 0;
  #failures = 0;
  #timer = 0;
  #heart = 0;
  connected = false;

  /** `onRefused` is asked after each handshake that failed: the session may have ended. */
  constructor(address, onRefused) {
    super();
    this.#address = address;
    this.#onRefused = onRefused;
    addEventListener("online", () => this.#wake());
    addEventListener("pageshow", () => this.#wake());
    on(document, "visibilitychange", () => document.hidden || this.#wake());
  }

  open() {
    clearTimeout(this.#timer);
    const address = new URL(this.#address, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const web = new WebSocket(address);
    let shaken = false;
    this.#web = web;
    web.onopen = () => (shaken = true);
    web.onmessage = (message) => this.#receive(JSON.parse(message.data));
    web.onclose = (close) => {
      if (web !== this.#web) return;
      this.#drop();
      if (close.code === 4401) this.dispatchEvent(new Event("ended"));
      else this.#later(close.code === RESTARTING ? SPREAD : 0);
      if (!shaken) this.#onRefused();
    };
  }

  /** Send a command; resolve to the reply's data. Rejects with Refused or Disconnected. */
  command(name, data) {
    return new Promise((resolve, reject) => {
      if (!this.connected) {
        reject(new Disconnected());
        return;
      }
      const id = String(++this.#sent);
      const impatience = setTimeout(() => this.#abandon(), PATIENCE);
      this.#waiting.set(id, { resolve, reject, impatience });
      this.#web.send(JSON.stringify({ id, command: name, data }));
    });
  }

  #receive(frame) {
    if (frame.type === "reply") this.#settle(frame);
    else if (frame.type === "event") this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
    else if (frame.type === "hello") {
      this.connected = true;
      const beat = () => this.command("ping", {}).catch(() => {});
      this.#heart = setInterval(beat, frame.heartbeat_seconds * 1000);
      this.dispatchEvent(new CustomEvent("hello", { detail: frame }));
    }
  }

  #settle(frame) {
    const command = this.#waiting.get(frame.id);
    if (!command) return;
    this.#waiting.delete(frame.id);
    clearTimeout(command.impatience);
    this.#failures = 0;
    if (frame.ok) command.resolve(frame.data);
    else command.reject(new Refused(frame.error));
  }

  /** Give up on a connection that doesn't answer: the browser may take minutes to find that it is dead. */
  #abandon() {
    const dead = this.#web;
    this.#web = null;
    dead.close();
    this.#drop();
    this.#later();
  }

  #drop() {
    this.connected = false;
    clearInterval(this.#heart);
    for (const command of this.#waiting.values()) {
      clearTimeout(command.impatience);
      command.reject(new Disconnected());
    }
    this.#waiting.clear();
    this.dispatchEvent(new Event("down"));
  }

  /** Try again after a pause that doubles, and that differs from client to client: they all lost the same server. */
  #later(spread = 0) {
    const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** this.#failures++);
    this.#timer = setTimeout(() => this.open(), pause * (0.5 + Math.random() / 2) + spread * Math.random());
  }

  #wake() {
    if (this.connected) this.command("ping", {}).catch(() => {});
    else if (this.#web === null || this.#web.readyState === WebSocket.CLOSED) this.open();
  }
}
