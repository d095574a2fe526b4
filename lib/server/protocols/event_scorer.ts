/**
 * Scoring the object that an event tells of.
 *
 * @module
 */
import { isImageName } from "../../data/source.ts";
import { type ObjectStore, StorageError } from "../../storage/object_store.ts";
import { canonicalUri } from "../requests/allowed_stores.ts";
import type { EventObject } from "./event_objects.ts";
import {
  abortedOutcome,
  failed,
  type FailedOutcome,
  FAULTS,
  type Outcome,
  type Reason,
} from "../outcome.ts";
import { readObject, storageFailed } from "../requests/read_object.ts";
import {
  heatmapOf,
  type ResultJson,
  resultJson,
} from "../scoring/result_json.ts";
import type { Services } from "../services.ts";
import { hideStorage } from "../requests/storage_failures.ts";

/** What became of the object of an event. */
export type EventResult =
  & { readonly uri: string }
  & (ResultJson | { readonly status: "skipped"; readonly why: string });

/** Reasons that stay the same when the event comes again. */
const FINAL: readonly Reason[] = [...FAULTS, "invalid_request"];

/** Options of {@linkcode scoreEventObject}. */
export interface EventScorerOptions {
  /** Where results go. */
  readonly out: ObjectStore;
  /** Category; the first folder below the allowed prefix where absent. */
  readonly category: string | undefined;
  /** Ends the work early. */
  readonly signal: AbortSignal;
}

/** Results are named by content, so that events may come twice, or late. */
function nameOf(uri: string, etag: string): string {
  const path = uri.replace(/^\w+:\/+/, "");
  return `${path}/${etag.replaceAll(/[^\w.-]/g, "_")}`;
}

function categoryOf(services: Services, uri: string): string {
  const [folder, ...rest] = services.input.pathOf(uri).split("/");
  return rest.length > 0 && folder ? folder : services.object;
}

/** Hides where results go, and lets the event come again. */
async function withResults<T>(
  services: Pick<Services, "onError">,
  work: () => Promise<T>,
): Promise<T> {
  return await hideStorage(services, work, (cause) =>
    new StorageError(
      "Cannot store the result as its storage failed",
      "unavailable",
      { cause },
    ));
}

async function store(
  outcome: Outcome,
  services: Services,
  { uri, etag, options }: {
    uri: string;
    etag: string;
    options: EventScorerOptions;
  },
): Promise<void> {
  const { out, signal } = options;
  const name = nameOf(uri, etag);
  if (outcome.status === "ok") {
    const png = await heatmapOf(outcome, services);
    const contentType = "image/png";
    await out.create(`heatmaps/${name}.png`, png, { contentType, signal });
  }
  const result = await resultJson(outcome, services);
  const json = JSON.stringify({ uri, etag, ...result });
  const bytes = new TextEncoder().encode(`${json}\n`);
  const contentType = "application/json";
  await out.create(`scores/${name}.json`, bytes, { contentType, signal });
}

/** Scores bytes, and counts images that never reach the scorer. */
interface Counted {
  score(bytes: Uint8Array, category: string): Promise<Outcome>;
  refused(outcome: FailedOutcome): FailedOutcome;
}

/** Counts each image once, whatever becomes of it. */
function countedBy(services: Services, signal: AbortSignal): Counted {
  let isCounted = false;
  return {
    async score(bytes, category) {
      isCounted = true;
      return await services.scorer()!.score(bytes, { category }, signal);
    },
    refused(outcome) {
      if (!isCounted) services.metrics.imageDone(outcome);
      isCounted = true;
      return outcome;
    },
  };
}

async function scoreObject(
  uri: string,
  services: Services,
  { counted, options }: { counted: Counted; options: EventScorerOptions },
): Promise<Outcome | "scored"> {
  const { out, signal } = options;
  const { store: source, key } = services.input.object(uri);
  const info = await source.head(key, { signal });
  if (info === null) {
    const error = "Cannot score the object as it is not there";
    return counted.refused(failed("not_found", error));
  }
  const { etag } = info;
  const name = `scores/${nameOf(uri, etag)}.json`;
  const before = await withResults(services, () => out.head(name, { signal }));
  if (before !== null) return "scored";
  const maxBytes = services.limits.bodyBytes;
  using held = await services.objects.acquire(maxBytes, signal);
  const bytes = await readObject(services.input, uri, { maxBytes, signal });
  held.shrink(bytes instanceof Uint8Array ? bytes.length : 0);
  const category = options.category ?? categoryOf(services, uri);
  const outcome = bytes instanceof Uint8Array
    ? await counted.score(bytes, category)
    : counted.refused(bytes);
  if (outcome.status === "ok" || FINAL.includes(outcome.reason)) {
    await withResults(
      services,
      () => store(outcome, services, { uri, etag, options }),
    );
  }
  return outcome;
}

/**
 * Why an object is passed over, by its address alone. An event that is refused
 * comes again for a day, and a bucket tells of all that is written there.
 */
function whyNot(
  told: string,
  { input }: Pick<Services, "input">,
  { uri: results }: ObjectStore,
): string | undefined {
  const uri = canonicalUri(told);
  if (uri === undefined) return undefined;
  if (uri.startsWith(canonicalUri(results) ?? results)) return "it is a result";
  if (!isImageName(uri)) return "its name is not an image's";
  if (!input.isBeside(uri)) return undefined;
  return "it lies outside of the folders that this server may read";
}

/**
 * Scores an object, unless it was scored before, and stores
 * `heatmaps/<bucket>/<key>/<etag>.png` and `scores/<bucket>/<key>/<etag>.json`.
 * An image that cannot be scored gets the latter only, with the reason.
 *
 * @param object What an event tells of.
 * @param options Where results go.
 * @returns What became of it.
 */
export async function scoreEventObject(
  { uri: told, isCreated }: EventObject,
  services: Services,
  options: EventScorerOptions,
): Promise<EventResult> {
  function skipped(why: string): EventResult {
    return { uri: told, status: "skipped", why };
  }
  if (!isCreated) return skipped("the object was not written");
  const why = whyNot(told, services, options.out);
  if (why !== undefined) return skipped(why);
  const { signal } = options;
  const counted = countedBy(services, signal);
  let outcome: Outcome | "scored";
  try {
    const uri = await services.input.check(told);
    using _slot = await services.slots.acquire(1, signal);
    outcome = await scoreObject(uri, services, { counted, options });
  } catch (error) {
    outcome = counted.refused(
      signal.aborted ? abortedOutcome(signal.reason) : storageFailed(error),
    );
  }
  if (outcome === "scored") return skipped("it was scored before");
  return { uri: told, ...await resultJson(outcome, services) };
}
