// Asking the server. What needs the API key asks for it once; it is kept as long as the page is open.
import { byId } from "./dom.js";

const root = "/api/v1/servers/localhost";
let key = null;

async function ask(path, options = {}) {
  const headers = key ? { "X-API-Key": key } : {};
  return fetch(root + path, { ...options, headers, cache: "no-store", signal: AbortSignal.timeout(options.patience ?? 10000) });
}

// The key, or null when the dialog was left.
function askForKey() {
  const dialog = byId("key-dialog"), input = byId("key-input");
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((settle) => dialog.addEventListener("close", () => settle(dialog.returnValue === "ok" && input.value ? input.value : null), { once: true }));
}

async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `the server says ${response.status}`);
  return body;
}

export const get = async (path) => read(await ask(path));

// The same for what is guarded.
export async function guarded(path, options = {}) {
  let response = await ask(path, { patience: 20000, ...options });
  while (response.status === 401) {
    key = await askForKey();
    if (!key) throw new Error("a key or password is needed for this");
    response = await ask(path, { patience: 20000, ...options });
    if (response.status === 401) key = null;
  }
  return read(response);
}
