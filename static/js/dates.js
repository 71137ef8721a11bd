/* Times in the browser's zone and habits; the server wrote them in UTC. */

import { all } from "./dom.js";
import { text } from "./page.js";

export const { dayKey, dayName, localise } = makeDates();

function makeDates() {
  const language = document.documentElement.lang;
  const format = (options, locale) => new Intl.DateTimeFormat(locale, options).format;
  const clock = format({ timeStyle: "short" });
  const whole = format({ dateStyle: "full", timeStyle: "medium" });
  const numeric = format({ dateStyle: "short" });
  const weekday = format({ weekday: "short" }, language);
  const dayOfYear = format({ day: "numeric", month: "short" }, language);
  const longDay = format({ day: "numeric", month: "long" }, language);
  const longDayAndYear = format({ dateStyle: "long" }, language);

  const daysAgo = (moment) => Math.round((new Date().setHours(0, 0, 0, 0) - new Date(moment).setHours(0, 0, 0, 0)) / 86_400_000);
  const isThisYear = (moment) => moment.getFullYear() === new Date().getFullYear();

  /** Return the local day of a moment as a key that sorts: 2024-03-09. */
  function dayKey(moment) {
    return new Date(moment - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  }

  /** Return a day as people say it: Today, Yesterday, 9 March, 9 March 2023. */
  function dayName(key) {
    const moment = new Date(`${key}T12:00`);
    const name = ["today", "yesterday"][daysAgo(moment)];
    return name ? text(name) : (isThisYear(moment) ? longDay : longDayAndYear)(moment);
  }

  function activity(moment) {
    const ago = daysAgo(moment);
    return (ago <= 0 ? clock : ago < 7 ? weekday : isThisYear(moment) ? dayOfYear : numeric)(moment);
  }

  function seen(moment) {
    const form = ["seen_today", "seen_yesterday"][Math.max(0, daysAgo(moment))] ?? "seen_on";
    return text(form, { time: clock(moment), day: dayName(dayKey(moment)) });
  }

  const forms = { activity, seen };

  /** Put every time under an element into the browser's zone; a message says its own once for all its parts. */
  function localise(root) {
    for (const time of all("time", root)) {
      time.dateTime ||= time.closest(".message").dataset.created;
      const moment = new Date(time.dateTime);
      time.textContent = (forms[time.dataset.form] ?? clock)(moment);
      time.title = whole(moment);
      time.dataset.local = "";
    }
  }

  return { dayKey, dayName, localise };
}
