/* Times in the browser's zone and habits; the server wrote them in UTC. */

import { text } from "./page.js";

const language = document.documentElement.lang || undefined;
const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(language, { weekday: "short" });
const dayOfYear = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
const longDay = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" });
const longDayAndYear = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
const numeric = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "2-digit", year: "2-digit" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

const startOfDay = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
const daysAgo = (moment) => Math.round((startOfDay(new Date()) - startOfDay(moment)) / 86_400_000);

/** Return the local day of a moment as a key that sorts: 2024-03-09. */
export function dayKey(moment) {
  const two = (number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** Return a day as people say it: Today, Yesterday, 9 March, 9 March 2023. */
export function dayName(key) {
  const moment = new Date(`${key}T12:00:00`);
  const ago = daysAgo(moment);
  if (ago === 0) return text("today");
  if (ago === 1) return text("yesterday");
  return (moment.getFullYear() === new Date().getFullYear() ? longDay : longDayAndYear).format(moment);
}

function activity(moment) {
  const ago = daysAgo(moment);
  if (ago <= 0) return clock.format(moment);
  if (ago < 7) return weekday.format(moment);
  return (moment.getFullYear() === new Date().getFullYear() ? dayOfYear : numeric).format(moment);
}

function seen(moment) {
  const time = clock.format(moment);
  const ago = daysAgo(moment);
  if (ago <= 0) return text("seen_today", { time });
  if (ago === 1) return text("seen_yesterday", { time });
  return text("seen_on", { day: dayName(dayKey(moment)) });
}

const forms = { activity, seen };

/** Put every time under an element into the browser's zone; a message says its own once for all its parts. */
export function localise(root) {
  for (const time of root.querySelectorAll("time")) {
    time.dateTime ||= time.closest(".message").dataset.created;
    const moment = new Date(time.dateTime);
    time.textContent = (forms[time.dataset.form] ?? clock.format)(moment);
    time.title = whole.format(moment);
    time.dataset.local = "";
  }
}
