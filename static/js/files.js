/* Files to send: chosen, pasted or dropped; each goes up at once, with its progress and a way to take it back. */

import { call, toast } from "./menu.js";
import { text } from "./page.js";

const MOST = 10;

export class Files {
  #list;
  #path;
  #onChange;
  #stopped = new AbortController();
  #files = new Set();

  constructor(form, conversationId, onChange) {
    this.#list = form.querySelector(".uploads");
    this.#path = `conversations/${conversationId}/attachments`;
    this.#onChange = onChange;
    const input = form.querySelector("input[type=file]");
    if (!input) return;
    const { signal } = this.#stopped;
    input.onchange = () => {
      this.#add(input.files);
      input.value = "";
    };
    form.querySelector("textarea").addEventListener("paste", (event) => {
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
    for (const name of ["dragover", "dragleave", "drop"]) pane.addEventListener(name, drag, { signal });
  }

  get any() {
    return this.#files.size > 0;
  }

  /** Something is still going up, or could not. */
  get busy() {
    return [...this.#files].some((file) => !file.id);
  }

  /** Return the ids of what was uploaded, and begin anew. */
  take() {
    const ids = [...this.#files].map((file) => file.id);
    this.#files.clear();
    this.#list.replaceChildren();
    return ids;
  }

  stop() {
    this.#stopped.abort();
    for (const file of this.#files) this.#discard(file);
  }

  #add(chosen) {
    for (const data of chosen) {
      if (this.#files.size >= MOST) {
        toast(text("too_many_files"));
        break;
      }
      this.#upload({ data });
    }
    this.#onChange();
  }

  #upload(file) {
    this.#files.add(file);
    file.element = this.#show(file);
    const request = new XMLHttpRequest();
    file.request = request;
    const form = new FormData();
    form.append("file", file.data);
    request.upload.onprogress = ({ loaded, total }) => (file.element.querySelector("progress").value = loaded / total);
    request.onloadend = () => {
      const answer = JSON.parse(request.responseText || "{}");
      if (request.status === 201) file.id = answer.id;
      else {
        file.element.dataset.failed = "";
        file.element.querySelector("small").textContent = Object.values(answer.errors ?? {})[0]?.[0] ?? answer.detail ?? text("failed");
      }
      file.element.querySelector("progress").hidden = true;
      this.#onChange();
    };
    request.open("POST", `/api/v1/${this.#path}`);
    request.setRequestHeader("X-CSRFToken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    request.send(form);
  }

  #show(file) {
    const element = document.createElement("li");
    const name = document.createElement("span");
    const remove = document.createElement("button");
    name.append(file.data.name, document.createElement("small"));
    if (file.data.type.startsWith("image/")) {
      const image = new Image();
      image.src = URL.createObjectURL(file.data);
      image.alt = "";
      image.onload = () => URL.revokeObjectURL(image.src);
      element.append(image);
    }
    remove.type = "button";
    remove.textContent = "✕";
    remove.setAttribute("aria-label", text("remove_file", { name: file.data.name }));
    remove.onclick = () => {
      this.#discard(file);
      this.#onChange();
    };
    element.append(name, document.createElement("progress"), remove);
    this.#list.append(element);
    return element;
  }

  #discard(file) {
    file.request.abort();
    this.#files.delete(file);
    file.element.remove();
    if (file.id) call("DELETE", `${this.#path}/${file.id}`);
  }
}
