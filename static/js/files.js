/* Files to send: chosen, pasted or dropped; each goes up at once, with its progress and a way to take it back. */

import { button, make, on, one } from "./dom.js";
import { call, reasonOf, toast, token } from "./menu.js";
import { page, probe, text } from "./page.js";
import { forget, keep, kept } from "./stash.js";

/** Take the files of a form for a conversation. `onChange` is called when it may have become ready to be sent, or not. */
export function makeFiles(form, id, onChange) {
  const MOST = 10;
  // The server takes five at once of a person, who may have another tab.
  const AT_ONCE = 3;
  const PREVIEWS = { image: "img", video: "video" };
  const files = new Set();
  const heard = new Map();

  function add(chosen) {
    for (const data of chosen) {
      if (files.size >= MOST) {
        toast(text("too_many_files"));
        break;
      }
      begin({ data });
    }
  }

  function begin(file) {
    files.add(file);
    show(file);
    save(file);
    if (file.id) file.progress.hidden = true;
    else upload(file);
    onChange();
  }

  function save(file) {
    file.saved = Promise.resolve(file.saved).then(async () => {
      const { key, data, id: upload } = file;
      file.key = await keep({ ...(key && { key }), viewer: page.viewer, conversation: id, data, id: upload });
      if (file.isGone) forget(file.key);
    });
  }

  /** Send a file as soon as fewer than AT_ONCE are under way. */
  function upload(file) {
    file.progress.hidden = false;
    file.progress.removeAttribute("value");
    delete file.element.dataset.failed;
    file.words.textContent = "";
    file.state = "waits";
    next();
  }

  function next() {
    const inState = (state) => [...files].filter((file) => file.state === state);
    inState("waits").slice(0, Math.max(0, AT_ONCE - inState("goes").length)).forEach(send);
  }

  function send(file) {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file.data);
    file.request = request;
    file.state = "goes";
    request.upload.onprogress = ({ loaded, total }) => (file.progress.value = loaded / total);
    request.responseType = "json";
    request.onload = () => {
      const answer = request.response;
      file.progress.hidden = true;
      if (request.status === 201) {
        file.id = answer.id;
        save(file);
        hear(heard.get(answer.id) ?? answer);
      } else {
        fail(file, reasonOf(answer));
        if (request.status === 401) probe();
      }
      onChange();
    };
    request.onerror = () => fail(file, text("waits"));
    request.onloadend = () => {
      // What the connection broke off has no status.
      file.state = request.status ? "" : "broken";
      next();
    };
    request.open("POST", `/api/v1/conversations/${id}/attachments`);
    request.setRequestHeader("X-CSRFToken", token());
    request.send(body);
  }

  function fail(file, words) {
    file.element.dataset.failed = "";
    file.words.textContent = words;
  }

  function show(file) {
    const { name, type } = file.data;
    const words = make("small", { role: "status" });
    const progress = make("progress", { ariaLabel: name });
    const again = button("↻", () => upload(file), { className: "again", ariaLabel: text("retry") });
    const away = button("✕", () => discard(file), { ariaLabel: text("remove_file", { name }) });
    const element = make("li", {}, make("span", { title: name }, name, words), progress, again, away);
    const kind = PREVIEWS[type.split("/")[0]];
    if (kind) {
      const preview = make(kind, { src: URL.createObjectURL(file.data), alt: "", muted: true });
      preview.onload = preview.onloadeddata = () => URL.revokeObjectURL(preview.src);
      preview.onerror = () => preview.remove();
      element.prepend(preview);
    }
    element.dataset.kind = /\.(\w{1,5})$/.exec(name)?.[1] ?? "";
    Object.assign(file, { element, progress, words, again });
    one(".uploads", form).append(element);
  }

  /** Say of an upload that was checked meanwhile that it can't be sent. */
  function hear(checked) {
    heard.set(checked.id, checked);
    const file = [...files].find((each) => each.id === checked.id);
    if (!file || !/INFECTED|FAILED/.test(checked.status)) return;
    file.isBad = true;
    fail(file, text(`file_${checked.status.toLowerCase()}`));
    file.again.hidden = true;
    onChange();
  }

  function remove(file) {
    files.delete(file);
    file.isGone = true;
    file.element.remove();
    forget(file.key);
  }

  function discard(file) {
    file.request?.abort();
    remove(file);
    if (file.id) call("DELETE", `conversations/${id}/attachments/${file.id}`);
    onChange();
  }

  const input = one("[type=file]", form);
  if (input) {
    const pane = form.closest(".pane");
    input.onchange = () => {
      add(input.files);
      input.value = "";
    };
    on(one("textarea", form), "paste", (event) => {
      const { files: pasted } = event.clipboardData;
      if (!pasted.length) return;
      event.preventDefault();
      add(pasted);
    });
    on(pane, "dragover dragleave drop", (event) => {
      const { types, files: dropped } = event.dataTransfer;
      if (!types.includes("Files")) return;
      event.preventDefault();
      pane.toggleAttribute("data-drop", event.type === "dragover");
      if (event.type === "drop") add(dropped);
    });
    kept(page.viewer, id).then((entries) => entries.forEach(begin));
  }

  return {
    hear,
    any: () => files.size > 0,
    /** Something is still going up, or could not. */
    busy: () => [...files].some((file) => !file.id || file.isBad),
    /** Return what was uploaded, each with its id and name, and begin anew. */
    take() {
      const taken = [...files];
      taken.forEach(remove);
      return taken.map((file) => ({ id: file.id, name: file.data.name }));
    },
    /** Take back what was uploaded, by its id and name. */
    bring: (uploads) => uploads.forEach(({ id: upload, name }) => begin({ id: upload, data: { name, type: "" } })),
    /** Send again what the connection broke off. */
    resume() {
      for (const file of files) if (file.state === "broken") upload(file);
    },
    /** Leave the uploads to who comes next: they are kept. */
    drop() {
      const left = [...files];
      files.clear();
      for (const file of left) file.request?.abort();
    },
  };
}
