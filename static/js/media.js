/* Films and sounds that break off. Where a bucket gives them, their address is good for a minute, and a browser asks there
   for every further part: from then on it is asked for anew. */

import { on } from "./dom.js";

// Events of media don't bubble.
on(
  document,
  "error",
  ({ target: medium }) => {
    if (medium.error?.code !== MediaError.MEDIA_ERR_NETWORK) return;
    const { currentTime, paused } = medium;
    medium.load();
    medium.currentTime = currentTime;
    if (!paused) medium.play();
  },
  true,
);
