/* The tab's title and icon carry the number of unread messages. */

import { page } from "./page.js";

const SIZE = 64;
const icon = document.querySelector('link[rel="icon"]');
const plain = icon.href;
const logo = new Image();
logo.src = plain;

/** Show a count beside a title. */
export async function showUnread(count, title) {
  const name = title ? `${title} — ${page.site}` : page.site;
  document.title = count ? `(${count}) ${name}` : name;
  icon.href = count ? await badge(count > 99 ? "99+" : String(count)) : plain;
}

async function badge(label) {
  await logo.decode().catch(() => {});
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  pen.drawImage(logo, 0, 0, SIZE, SIZE);
  pen.font = `bold ${label.length > 2 ? 22 : 30}px sans-serif`;
  const width = Math.max(38, pen.measureText(label).width + 16);
  pen.fillStyle = "#d92635";
  pen.beginPath();
  pen.roundRect(SIZE - width, SIZE - 38, width, 38, 19);
  pen.fill();
  pen.fillStyle = "#ffffff";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(label, SIZE - width / 2, SIZE - 18);
  return canvas.toDataURL();
}
