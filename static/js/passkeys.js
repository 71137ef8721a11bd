/* Passkeys: the script asks the browser, and sends its answer with the form that asked. */

const supported = "credentials" in navigator && "PublicKeyCredential" in window;

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const decoded = (descriptors = []) => descriptors.map((each) => ({ ...each, id: bytes(each.id) }));

/** Return WebAuthn's options as the browser takes them, from the JSON in which they came. */
function options(json) {
  const common = { ...json, challenge: bytes(json.challenge) };
  if (json.user) {
    const user = { ...json.user, id: bytes(json.user.id) };
    return { ...common, user, excludeCredentials: decoded(json.excludeCredentials) };
  }
  return { ...common, allowCredentials: decoded(json.allowCredentials) };
}

/** Return what a passkey answered in JSON: all buffers as base64url. */
function answer(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const found = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: { ...Object.fromEntries(found), transports: response.getTransports?.() ?? [] },
    clientExtensionResults: {},
  };
}

/** Return what to ask: what stands in the form, or a question that is fetched when it is needed. */
async function question(form) {
  if (!form.dataset.begin) return JSON.parse(form.querySelector("script[type='application/json']").textContent);
  const response = await fetch(form.dataset.begin, { method: "POST", credentials: "omit" });
  if (!response.ok) throw new Error(`${response.status}`);
  const { token, options: found } = await response.json();
  form.elements.token.value = token;
  return found;
}

async function ask(form) {
  const publicKey = options(await question(form));
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
  form.elements.credential.value = JSON.stringify(answer(credential));
}

function watch(form) {
  const message = form.querySelector("[role='alert']");
  const button = form.querySelector("button");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
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

if (supported) document.querySelectorAll("form[data-passkey]").forEach(watch);
