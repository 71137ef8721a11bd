/* The connection: it opens, says hello, carries commands and their replies, and comes back by itself when it breaks. */

import { on, teller } from "./dom.js";

/** The server's answer to a command was no; `problem` says why. Without one, the connection was not there, or broke. */
const refused = (problem) => Object.assign(new Error(), { problem });

/**
 * Make a connection, to be opened. It tells "hello", "down", "ended", and "frame" with each event that the server sends.
 * `onRefused` is asked after each handshake that failed: the session may have ended.
 */
export function makeSocket(path, onRefused) {
  const LONGEST_PAUSE = 30_000;
  const PATIENCE = 15_000;
  // A server that is replaced says so: all its sockets hear it at once, and its successor would meet all of them at once.
  const RESTARTING = 1012;
  const SPREAD = 4_000;
  const { hear, tell } = teller();
  const waiting = new Map();
  let web = null;
  let connected = false;
  let sent = 0;
  let failures = 0;
  let timer = 0;
  let heart = 0;

  function open() {
    clearTimeout(timer);
    const opened = new WebSocket(location.origin.replace("http", "ws") + path);
    let shaken = false;
    web = opened;
    web.onopen = () => (shaken = true);
    web.onmessage = (message) => receive(JSON.parse(message.data));
    web.onclose = ({ code }) => {
      if (web !== opened) return;
      drop();
      if (code === 4401) tell("ended");
      else later(code === RESTARTING ? SPREAD : 0);
      if (!shaken) onRefused();
    };
  }

  /** Send a command; resolve to the reply's data, or reject with its `problem`. */
  function command(name, data) {
    return new Promise((resolve, reject) => {
      if (!connected) {
        reject(refused());
        return;
      }
      const id = String(++sent);
      waiting.set(id, { resolve, reject, impatience: setTimeout(abandon, PATIENCE) });
      web.send(JSON.stringify({ id, command: name, data }));
    });
  }

  function receive(frame) {
    if (frame.type === "reply") settle(frame);
    else if (frame.type === "event") tell("frame", frame);
    else if (frame.type === "hello") {
      connected = true;
      heart = setInterval(ping, frame.heartbeat_seconds * 1000);
      tell("hello", frame);
    }
  }

  function settle({ id, ok, data, error }) {
    const asked = waiting.get(id);
    if (!asked) return;
    waiting.delete(id);
    clearTimeout(asked.impatience);
    failures = 0;
    if (ok) asked.resolve(data);
    else asked.reject(refused(error));
  }

  /** Give up on a connection that doesn't answer: the browser may take minutes to find that it is dead. */
  function abandon() {
    const dead = web;
    web = null;
    dead.close();
    drop();
    later(0);
  }

  function drop() {
    connected = false;
    clearInterval(heart);
    for (const { reject, impatience } of waiting.values()) {
      clearTimeout(impatience);
      reject(refused());
    }
    waiting.clear();
    tell("down");
  }

  /** Try again after a pause that doubles, and that differs from client to client: they all lost the same server. */
  function later(spread) {
    const pause = Math.min(LONGEST_PAUSE, 500 * 2 ** failures++);
    timer = setTimeout(open, pause * (0.5 + Math.random() / 2) + spread * Math.random());
  }

  const ping = () => command("ping", {}).catch(() => {});

  function wake() {
    if (connected) ping();
    else if (!web || web.readyState === WebSocket.CLOSED) open();
  }

  on(window, "online pageshow", wake);
  on(window, "offline", () => connected && abandon());
  on(document, "visibilitychange", () => document.hidden || wake());
  return {
    hear,
    open,
    command,
    get connected() {
      return connected;
    },
  };
}
