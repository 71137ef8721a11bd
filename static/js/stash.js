/* Files that are not sent yet, kept on the device: a reload, a sign-in or a restart of the server loses none. */

const tab = (sessionStorage.tab ??= String(Math.random()));

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("chat", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("files", { keyPath: "key", autoIncrement: true });
  request.onsuccess = () => resolve(request.result);
  request.onerror = reject;
}).catch(() => null);

/** Resolve to the answer of the store; to undefined where the browser keeps none, or refuses. */
async function ask(question) {
  const database = await opened;
  return new Promise((resolve, reject) => {
    const request = question(database.transaction("files", "readwrite").objectStore("files"));
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
  }).catch(() => undefined);
}

/** Keep a file of a person's conversation, or what is new of it; resolve to its key. */
export const keep = (entry) => ask((files) => files.put({ ...entry, tab, at: Date.now() }));

export const forget = (key) => key && ask((files) => files.delete(key));

export const forgetAll = () => ask((files) => files.clear());

/** Resolve to what this tab keeps for a conversation; what other people left goes. */
export async function kept(viewer, conversation) {
  // Another tab that has not sent a file for so long is gone: this one takes it over.
  const ABANDONED = 3_600_000;
  const entries = (await ask((files) => files.getAll())) ?? [];
  for (const entry of entries) if (entry.viewer !== viewer) forget(entry.key);
  const isMine = (entry) => entry.tab === tab || Date.now() - entry.at > ABANDONED;
  return entries.filter((entry) => entry.viewer === viewer && entry.conversation === conversation && isMine(entry));
}
