/* Sounds in messages: play and pause, the waveform as far as it was heard, and a slider for where. One plays at a time. */

import { on } from "./dom.js";
import "./media.js";

let playing = null;

const boxOf = (element) => element.closest("[data-sound]");
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function show(audio) {
  const box = boxOf(audio);
  const slider = box.querySelector("input");
  const isNew = audio.paused && audio.currentTime === 0;
  slider.value = audio.currentTime;
  box.style.setProperty("--heard", `${(100 * audio.currentTime) / slider.max}%`);
  box.querySelector(".clock").textContent = clock(isNew ? slider.max : audio.currentTime);
  slider.setAttribute("aria-valuetext", `${clock(audio.currentTime)} / ${clock(slider.max)}`);
  const button = box.querySelector("button");
  button.setAttribute("aria-pressed", String(!audio.paused));
}

// Who stops it at once, or has no such decoder, is told nothing: the button shows that it does not play.
const play = (audio) => audio.play().catch(() => show(audio));

function toggle(box) {
  const audio = box.querySelector("audio");
  if (audio.paused) play(audio);
  else audio.pause();
}

/** Go on where a sound was, when its message is drawn anew. */
function follow() {
  if (!playing || playing.isConnected) return;
  const { src, currentTime } = playing;
  playing = null;
  const again = [...document.querySelectorAll("[data-sound] audio")].find((audio) => audio.src === src);
  if (!again) return;
  again.currentTime = currentTime;
  play(again);
}

on(document, "click", ({ target }) => {
  const button = target.closest("[data-sound] button");
  if (button) toggle(boxOf(button));
});
on(document, "input", ({ target }) => {
  const box = target.type === "range" && boxOf(target);
  if (!box) return;
  const audio = box.querySelector("audio");
  audio.currentTime = target.valueAsNumber;
  show(audio);
});
on(document, "keydown", (event) => {
  if (event.key !== " " || event.target.type !== "range" || !boxOf(event.target)) return;
  event.preventDefault();
  toggle(boxOf(event.target));
});
// Events of media don't bubble.
on(
  document,
  "play pause timeupdate ended",
  ({ type, target }) => {
    if (!target.matches("[data-sound] audio")) return;
    if (type === "play") {
      if (playing && playing !== target) playing.pause();
      playing = target;
    }
    if (type === "ended") {
      target.currentTime = 0;
      playing = null;
    }
    show(target);
  },
  true,
);
new MutationObserver(follow).observe(document.body, { childList: true, subtree: true });
