/* The service worker: the page that stands in while there is no network, and notices of messages. What it keeps is that
   page alone. The server writes SHELL (the page, then its files), ICON and BADGE above this. */

const CACHE = "shell";
const pathOf = ({ url }) => new URL(url).pathname;
const isChat = (client) => /^\/(c\/|$)/.test(pathOf(client));
const on = (name, act) => addEventListener(name, (event) => event.waitUntil(act(event)));

on("install", async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.map((address) => new Request(address, { cache: "reload", credentials: "omit" })));
  await skipWaiting();
});

on("activate", async () => {
  const cache = await caches.open(CACHE);
  for (const request of await cache.keys()) if (!SHELL.includes(pathOf(request))) await cache.delete(request);
  await clients.claim();
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const kept = request.mode === "navigate" ? SHELL[0] : SHELL.includes(pathOf(request)) && request;
  if (kept) event.respondWith(fetch(request).catch(async () => (await caches.match(kept)) ?? Response.error()));
});

// What a page had still to do when it closed.
on("message", ({ data: { address, options } }) => fetch(address, options));

on("push", async ({ data }) => {
  const windows = await clients.matchAll({ includeUncontrolled: true });
  // Who looks at the chat is told by it.
  if (!data || windows.some((client) => client.focused && isChat(client))) return;
  const { conversation: tag, title, body, sent_at: sentAt } = data.json();
  await registration.showNotification(title, { body, tag, timestamp: Date.parse(sentAt), icon: ICON, badge: BADGE });
});

on("notificationclick", async ({ notification }) => {
  notification.close();
  const address = `/c/${notification.tag}`;
  const windows = await clients.matchAll();
  const chat = windows.find(isChat);
  if (!chat) return clients.openWindow(address);
  await chat.focus();
  return chat.navigate(address);
});
