/* Files to send: chosen, pasted or dropped; each goes up at once, with its progress and a way to take it back. */

import { button, make, on } from "./dom.js";
import { call, toast } from "./menu.js";
import { fetchPart, page, text } from "./page.js";
import { forget, keep, kept } from "./stash.js";

const MOST = 10;
// The server takes five at once of a person, who may have another tab.
const AT_ONCE = 3;
const PREVIEWS = { image: "img", video: "video" };
const BAD = { INFECTED: "file_infected", FAILED: "file_failed" };

export class Files {
  #list;
  #id;
  #onChange;
  #files = new Set();
  #heard = new Map();

  constructor(form, conversationId, onChange) {
    this.#list = form.querySelector(".uploads");
    this.#id = conversationId;
    this.#onChange = onChange;
    const input = form.querySelector("input[type=file]");
    if (!input) return;
    input.onchange = () => {
      this.#add(input.files);
      input.value = "";
    };
    on(form.querySelector("textarea"), "paste", (event) => {
      if (event.clipboardData.files.length === 0) return;
      event.preventDefault();
      this.#add(event.clipboardData.files);
    });
    const pane = form.closest(".pane");
    const drag = (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      pane.toggleAttribute("data-drop", event.type === "dragover");
      if (event.type === "drop") this.#add(event.dataTransfer.files);
    };
    on(pane, "dragover dragleave drop", drag);
    kept(page.viewer, conversationId).then((entries) => entries.forEach((entry) => this.#begin(entry)));
  }

  get any() {
    return this.#files.size > 0;
  }

  /** Something is still going up, or could not. */
  get busy() {
    return [...this.#files].some((file) => !file.id || file.isBad);
  }

  /** Return what was uploaded, each with its id and name, and begin anew. */
  take() {
    const taken = [...this.#files];
    for (const file of taken) this.#remove(file);
    return taken.map(({ id, data }) => ({ id, name: data.name }));
  }

  /** Send again what the connection broke off. */
  resume() {
    for (const file of this.#files) if (!file.id && file.request?.status === 0 && file.request.readyState === 4) this.#upload(file);
  }

  /** Leave the uploads to who comes next: they are kept. */
  drop() {
    const all = [...this.#files];
    this.#files.clear();
    for (const file of all) file.request?.abort();
  }

  #add(chosen) {
    for (const data of chosen) {
      if (this.#files.size >= MOST) {
        toast(text("too_many_files"));
        break;
      }
      this.#begin({ data });
    }
  }

  #begin(file) {
    this.#files.add(file);
    file.element = this.#show(file);
    this.#keep(file);
    if (file.id) file.element.querySelector("progress").hidden = true;
    else this.#upload(file);
    this.#onChange();
  }

  #keep(file) {
    file.saved = Promise.resolve(file.saved).then(async () => {
      const { key, data, id } = file;
      file.key = await keep({ ...(key && { key }), viewer: page.viewer, conversation: this.#id, data, id });
      if (file.isGone) forget(file.key);
    });
  }

  /** Send a file as soon as fewer than AT_ONCE are under way. */
  #upload(file) {
    const progress = file.element.querySelector("progress");
    progress.hidden = false;
    progress.removeAttribute("value");
    delete file.element.dataset.failed;
    file.element.querySelector("small").textContent = "";
    file.request = null;
    file.waits = true;
    this.#next();
  }

  #next() {
    const all = [...this.#files];
    const free = AT_ONCE - all.filter((file) => file.goes).length;
    for (const file of all.filter((each) => each.waits).slice(0, Math.max(0, free))) this.#send(file);
  }

  #send(file) {
    const { element, data } = file;
    const progress = element.querySelector("progress");
    const words = element.querySelector("small");
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", data);
    file.request = request;
    file.waits = false;
    file.goes = true;
    request.upload.onprogress = ({ loaded, total }) => (progress.value = loaded / total);
    request.onload = () => {
      progress.hidden = true;
      const answer = JSON.parse(request.responseText || "{}");
      if (request.status === 201) {
        file.id = answer.id;
        this.#keep(file);
        this.hear(this.#heard.get(answer.id) ?? answer);
      } else {
        element.dataset.failed = "";
        words.textContent = Object.values(answer.errors ?? {})[0]?.[0] ?? answer.detail ?? text("failed");
        if (request.status === 401) fetchPart(page.probe);
      }
      this.#onChange();
    };
    request.onerror = () => {
      element.dataset.failed = "";
      words.textContent = text("waits");
    };
    request.onloadend = () => {
      file.goes = false;
      this.#next();
    };
    request.open("POST", `/api/v1/conversations/${this.#id}/attachments`);
    request.setRequestHeader("X-CSRFToken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    request.send(form);
  }

  #show(file) {
    const { data } = file;
    const element = make("li");
    element.dataset.kind = /\.(\w{1,5})$/.exec(data.name)?.[1] ?? "";
    const kind = PREVIEWS[data.type.split("/")[0]];
    if (kind) {
      const preview = make(kind, { src: URL.createObjectURL(data), alt: "", muted: true });
      preview.onload = preview.onloadeddata = () => URL.revokeObjectURL(preview.src);
      preview.onerror = () => preview.remove();
      element.append(preview);
    }
    element.append(
      make("span", { title: data.name }, data.name, make("small", { role: "status" })),
      make("progress", { ariaLabel: data.name }),
      button("↻", () => this.#upload(file), { className: "again", ariaLabel: text("retry") }),
      button("✕", () => this.#discard(file), { ariaLabel: text("remove_file", { name: data.name }) }),
    );
    this.#list.append(element);
    return element;
  }

  /** Say of an upload that was checked meanwhile that it can't be sent. */
  hear(checked) {
    this.#heard.set(checked.id, checked);
    const file = [...this.#files].find((each) => each.id === checked.id);
    if (!file || !(checked.status in BAD)) return;
    file.isBad = true;
    file.element.dataset.failed = "";
    file.element.querySelector("small").textContent = text(BAD[checked.status]);
    file.element.querySelector(".again").hidden = true;
    this.#onChange();
  }

  #remove(file) {
    this.#files.delete(file);
    file.isGone = true;
    file.element.remove();
    forget(file.key);
  }

  #discard(file) {
    file.request?.abort();
    this.#remove(file);
    if (file.id) call("DELETE", `conversations/${this.#id}/attachments/${file.id}`);
    this.#onChange();
  }
}
