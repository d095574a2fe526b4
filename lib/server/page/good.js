/**
 * Good images: those of the server, or some that are dropped and learned.
 *
 * @module
 */
import { ask, byId, onReady, showMessage, tokenField } from "./common.js";
import { bytesText, takesFiles, unpacked } from "./drop.js";
import { describe, judgement } from "./judgement.js";
import { countOf } from "./result.js";

const MAX_GOOD = 200;
/** Bytes of a request: servers take 32 million, and forms add a little. */
const REQUEST_BYTES = 24e6;

const OWN = "own";
const SERVED = "served:";

const message = byId("good-message");
const select = byId("compare");

let images = [];
let served = new Map();
let tellChange = () => {};
/** Ends what is being sent when other images are chosen. */
let sending = new AbortController();

/** Calls back whenever images are judged by something else. */
export function onProfileChange(callback) {
  tellChange = callback;
}

/** Shows what is known of good images, and judges by it from now on. */
function use(profile) {
  judgement.profile = profile;
  judgement.moved = undefined;
  // Good images are what the caution asks for.
  byId("caution")?.toggleAttribute("hidden", profile !== undefined);
  const facts = byId("profile-facts");
  facts.hidden = profile === undefined;
  byId("profile-buttons").hidden = profile?.id === undefined;
  if (profile !== undefined) {
    byId("profile-text").textContent = describe(profile);
  }
  tellChange(profile);
}

/** Lets the server forget what was learned of images that were dropped. */
function forget() {
  const id = judgement.profile?.id;
  if (id === undefined) return;
  ask(`/v1/profiles/${id}`, { method: "DELETE" }).catch(() => {});
}

function choose() {
  sending.abort();
  forget();
  const isOwn = select.value === OWN;
  byId("good-part").hidden = !isOwn;
  showMessage(message, "");
  byId("learn-button").disabled = images.length === 0;
  use(served.get(select.value));
}

/** Parts of the images that fit into one request each. */
async function* requestsOf(all) {
  let part = [];
  let bytes = 0;
  for (const { read } of all) {
    const file = await read();
    if (part.length > 0 && bytes + file.size > REQUEST_BYTES) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(file);
    bytes += file.size;
  }
  yield part;
}

async function send(files, category, { id, signal }) {
  const form = new FormData();
  for (const file of files) form.append("good", file, file.name || "image");
  const path = id === undefined
    ? `/v1/profiles?${new URLSearchParams({ category })}`
    : `/v1/profiles/${id}/images`;
  const response = await ask(path, { method: "POST", body: form, signal });
  return await response.json();
}

async function learn(category, signal) {
  let profile;
  let sent = 0;
  try {
    for await (const files of requestsOf(images)) {
      sent += files.length;
      const text = `Learning ${sent} of ${
        countOf(images.length, "good image")
      } …`;
      showMessage(message, text);
      profile = await send(files, category, { id: profile?.id, signal });
      signal.throwIfAborted();
    }
  } catch (error) {
    if (profile !== undefined) {
      const options = { method: "DELETE" };
      ask(`/v1/profiles/${profile.id}`, options).catch(() => {});
    }
    throw error;
  }
  return profile;
}

async function learnAll() {
  const category = byId("good-category").value.trim();
  if (category === "") {
    byId("good-category").focus();
    return showMessage(message, "Say first what the images show.", true);
  }
  sending.abort();
  const { signal } = sending = new AbortController();
  forget();
  use(undefined);
  byId("learn-button").disabled = true;
  try {
    const profile = await learn(category, signal);
    if (signal.aborted) return;
    const few =
      `There must be at least 4 good images: these are ${profile.images}.`;
    showMessage(message, profile.is_ready ? "" : few, true);
    if (profile.is_ready) use(profile);
  } catch (error) {
    if (!signal.aborted) showMessage(message, error.message, true);
  }
  if (!signal.aborted) byId("learn-button").disabled = false;
}

async function takeGood(files) {
  if (files.length === 0) return;
  sending.abort();
  showMessage(message, "");
  try {
    images = await unpacked(files, MAX_GOOD);
  } catch (error) {
    return showMessage(message, error.message, true);
  }
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  byId("good-title-text").textContent = countOf(images.length, "good image");
  byId("good-note").textContent = `${bytesText(bytes)}, choose others`;
  byId("learn-button").disabled = false;
}

/** Keeps the profile as a file, with the threshold as it stands. */
async function save() {
  const { profile, moved } = judgement;
  const query = moved === undefined
    ? ""
    : `?${new URLSearchParams({ threshold: moved })}`;
  try {
    const path = `/v1/profiles/${profile.id}/archive${query}`;
    const blob = await (await ask(path)).blob();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    const name = profile.category.replaceAll(/[^\w-]+/g, "_").slice(0, 60);
    link.download = `profile-${name}.zip`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    byId("save-note").hidden = false;
    byId("save-command").textContent =
      `deno task eval --profile ${link.download} --object ` +
      `${JSON.stringify(profile.category)} --data parts/`;
  } catch (error) {
    showMessage(message, error.message, true);
  }
}

/** The profiles that the server was started with. */
async function listServed() {
  let profiles;
  try {
    ({ profiles } = await (await ask("/v1/profiles")).json());
  } catch {
    // Without its token there is nothing to choose.
    return;
  }
  served = new Map(
    profiles.map(({ category, ...calibration }) => [
      `${SERVED}${category}`,
      { category, calibration },
    ]),
  );
  const own = select.querySelector(`[value="${OWN}"]`);
  for (const option of [...select.options]) {
    if (option.value.startsWith(SERVED)) option.remove();
  }
  for (const [value, { category, calibration }] of served) {
    const count = calibration.good_scores.length;
    const text = `${category}: ${count} good images of this server`;
    own.before(new Option(text, value));
  }
  if (served.size > 0) {
    select.querySelector('[value=""]').text =
      "nothing: another product, without a verdict";
  }
  const [first] = served.keys();
  if (first === undefined || select.value !== "") return;
  select.value = first;
  choose();
}

select.addEventListener("change", choose);
takesFiles(byId("good-drop"), byId("good-file"), takeGood);
byId("good-form").addEventListener("submit", (event) => {
  event.preventDefault();
  learnAll();
});
byId("save-button").addEventListener("click", save);
onReady(listServed);
tokenField?.addEventListener("change", listServed);
