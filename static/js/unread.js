/* The tab's title and icon carry the number of unread messages. */

import { page } from "./page.js";

const icon = document.querySelector('link[rel="icon"]');
const plain = icon.href;

/** Show a count beside a title. */
export function showUnread(count, title) {
  const name = title ? `${title} — ${page.site}` : page.site;
  document.title = count ? `(${count}) ${name}` : name;
  icon.href = count ? badge(count > 99 ? "99+" : count) : plain;
}

/** Return the logo's shape with a count in it. */
function badge(label) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" fill="#d92635"><ellipse cx="32" cy="29" rx="32" ry="28"/><path d="m9 62 3-24 20 18"/><text x="32" y="${label.length ? 38 : 43}" font-family="sans-serif" font-weight="700" font-size="${label.length ? 27 : 40}" text-anchor="middle" fill="#fff">${label}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
