/* Passkeys: the script asks the browser, and sends its answer with the form that asked. */

import { all, on, one } from "./dom.js";

/** Return what to ask: what stands in the form, or a question that is fetched when it is needed. */
async function question(form) {
  if (!form.dataset.begin) return JSON.parse(one("script", form).textContent);
  const response = await fetch(form.dataset.begin, { method: "POST", credentials: "omit" });
  const { token, options: found } = await response.json();
  form.elements.token.value = token;
  return found;
}

async function ask(form) {
  const kind = form.dataset.passkey;
  const parse = `parse${kind === "create" ? "Creation" : "Request"}OptionsFromJSON`;
  const publicKey = PublicKeyCredential[parse](await question(form));
  const credential = await navigator.credentials[kind]({ publicKey });
  form.elements.credential.value = JSON.stringify(credential);
}

function watch(form) {
  const message = one("[role=alert]", form);
  const button = one("button", form);
  form.hidden = false;
  on(form, "submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    message.hidden = true;
    button.disabled = true;
    try {
      await ask(form);
      form.submit();
    } catch {
      // Cancelled, timed out, or no passkey is there: browsers don't say which.
      message.textContent = form.dataset.refused;
      message.hidden = false;
      button.disabled = false;
    }
  });
}

if (window.PublicKeyCredential?.parseCreationOptionsFromJSON) all("form[data-passkey]").forEach(watch);
