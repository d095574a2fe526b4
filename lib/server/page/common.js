/**
 * What the parts of the page share.
 *
 * @module
 */
/** An element of the page. */
export function byId(id) {
  return document.getElementById(id);
}

/** The field for the token; null where none is asked for. */
export const tokenField = byId("token");
const TOKEN_KEY = "mfp-clip-token";

if (tokenField !== null) {
  tokenField.value = sessionStorage.getItem(TOKEN_KEY) ?? "";
  tokenField.addEventListener("input", () => {
    sessionStorage.setItem(TOKEN_KEY, tokenField.value);
  });
  byId("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
  });
}

/** Asks the server, with the token where there is one. */
export async function ask(path, options = {}) {
  const headers = new Headers(options.headers);
  // Says that no page of another origin asks: those may not send it.
  headers.set("X-Requested-With", "fetch");
  if (tokenField?.value) {
    headers.set("Authorization", `Bearer ${tokenField.value}`);
  }
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server cannot be reached");
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw Object.assign(
    new Error(answer.error ?? `The server answers ${response.status}`),
    { status: response.status },
  );
}

/** Shows a sentence, or none. */
export function showMessage(element, text, isBad = false) {
  element.textContent = text;
  element.hidden = text === "";
  element.classList.toggle("bad", isBad);
}

/** Shows a state. */
export function showBadge(element, text, kind) {
  element.textContent = text;
  element.className = `badge ${kind}`;
}

const PHASES = {
  ready: ["Ready", "good"],
  loading: ["The model is being loaded", "busy"],
  draining: ["The server ends", "bad"],
};

const waiting = [];

/** Calls back once the model is loaded. */
export function onReady(callback) {
  waiting.push(callback);
}

/**
 * Asks whether the server is ready, until it is. Cloud Run keeps some paths
 * that end in z for itself, so /readyz may not get there.
 */
async function watchReadiness() {
  const badge = byId("ready");
  try {
    const { phase } = await (await fetch("/v2/health/ready")).json();
    const [text, kind] = PHASES[phase];
    showBadge(badge, text, kind);
    if (phase === "ready") return waiting.splice(0).forEach((call) => call());
  } catch {
    showBadge(badge, "The server cannot be reached", "bad");
  }
  setTimeout(watchReadiness, 2000);
}

watchReadiness();
