/* The service worker: the page that stands in while there is no network, and notices of messages. What it keeps is that
   page alone. The server writes SHELL (the page, then its files), ICON and BADGE above this. */

const CACHE = "shell";

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(SHELL.map((address) => new Request(address, { cache: "reload", credentials: "omit" })));
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const settle = async () => {
    const cache = await caches.open(CACHE);
    const old = (await cache.keys()).filter(({ url }) => !SHELL.includes(new URL(url).pathname));
    await Promise.all([...old.map((request) => cache.delete(request)), self.clients.claim()]);
  };
  event.waitUntil(settle());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(SHELL[0])) ?? Response.error()));
  } else if (request.method === "GET" && SHELL.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) ?? Response.error()));
  }
});

// What a page had still to do when it closed.
self.addEventListener("message", (event) => {
  const { address, options } = event.data;
  event.waitUntil(fetch(address, options));
});

self.addEventListener("push", (event) => {
  if (event.data) event.waitUntil(show(event.data.json()));
});

async function show({ conversation, title, body, sent_at: sentAt }) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Who looks at the chat is told by it.
  if (windows.some((client) => client.focused)) return;
  await self.registration.showNotification(title, {
    body,
    tag: conversation,
    timestamp: Date.parse(sentAt),
    icon: ICON,
    badge: BADGE,
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(`/c/${event.notification.tag}`));
});

async function open(address) {
  const windows = await self.clients.matchAll({ type: "window" });
  const chat = windows.find(({ url }) => /^\/(c\/|$)/.test(new URL(url).pathname));
  if (!chat) return self.clients.openWindow(address);
  await chat.focus();
  return chat.navigate(address);
}
