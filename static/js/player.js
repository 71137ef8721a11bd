/* Sounds in messages: play and pause, the waveform as far as it was heard, and a slider for where. One plays at a time. */

import { all, on, onClick, one, onKey } from "./dom.js";
import "./media.js";

watchSounds();

/** Listen for what is done to the sounds of the page. */
function watchSounds() {
  let playing = null;

  const boxOf = (element) => element.closest("[data-sound]");
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  function show(audio) {
    const { currentTime, paused } = audio;
    const box = boxOf(audio);
    const slider = one("input", box);
    slider.value = currentTime;
    box.style.setProperty("--heard", `${(100 * currentTime) / slider.max}%`);
    one(".clock", box).textContent = clock(paused && !currentTime ? slider.max : currentTime);
    slider.ariaValueText = `${clock(currentTime)} / ${clock(slider.max)}`;
    one("button", box).ariaPressed = !paused;
  }

  // Who stops it at once, or has no such decoder, is told nothing: the button shows that it does not play.
  const play = (audio) => audio.play().catch(() => show(audio));

  function toggle(element) {
    const audio = one("audio", boxOf(element));
    if (audio.paused) play(audio);
    else audio.pause();
  }

  /** Go on where a sound was, when its message is drawn anew. */
  function follow() {
    if (!playing || playing.isConnected) return;
    const { src, currentTime } = playing;
    playing = null;
    const again = all("[data-sound] audio").find((audio) => audio.src === src);
    if (!again) return;
    again.currentTime = currentTime;
    play(again);
  }

  onClick(document, "[data-sound] button", toggle);
  on(document, "input", ({ target }) => {
    if (!target.matches("[data-sound] input")) return;
    const audio = one("audio", boxOf(target));
    audio.currentTime = target.valueAsNumber;
    show(audio);
  });
  onKey(document, (key, { target }) => {
    if (key !== " " || !target.matches("[data-sound] input")) return false;
    toggle(target);
    return true;
  });
  // Events of media don't bubble.
  on(document, "play pause timeupdate ended", ({ type, target }) => {
    if (!target.matches("[data-sound] audio")) return;
    if (type === "play") {
      if (playing !== target) playing?.pause();
      playing = target;
    } else if (type === "ended") {
      target.currentTime = 0;
      playing = null;
    }
    show(target);
  }, true);
  new MutationObserver(follow).observe(document.body, { childList: true, subtree: true });
}
