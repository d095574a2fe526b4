/**
 * `score --watch`: images are scored as they come.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { GRACE_SECONDS } from "../lib/batch/grace.ts";
import { allStores } from "../lib/batch/stores.ts";
import { RunError } from "../lib/batch/run_error.ts";
import type { Detector } from "../lib/detector/detector.ts";
import { cautionOnPhotographs } from "../lib/evaluation/caution.ts";
import { criteriaOfProducts } from "../lib/evaluation/learned_products.ts";
import { statIfThere } from "../lib/files/is_there.ts";
import type { BitDepth } from "../lib/image/decode.ts";
import { printable } from "../lib/report/format.ts";
import type { Criteria } from "../lib/results/verdict.ts";
import type { ObjectStore } from "../lib/storage/object_store.ts";
import { openStore } from "../lib/storage/open_store.ts";
import type { Decision } from "../lib/watch/decision.ts";
import { watchFolder } from "../lib/watch/watch_folder.ts";
import {
  WATCH_FILES,
  type WatchIdentity,
  WatchRecord,
} from "../lib/watch/watch_record.ts";
import { Webhook } from "../lib/watch/webhook.ts";
import { DEFAULT_OBJECT } from "./flags/data_flags.ts";
import { decodeOptions, type GoodFlags } from "./flags/good_flags.ts";
import { runSettings } from "./flags/run_settings.ts";
import type { ScoreFlags } from "./flags/score_flags.ts";
import { storeSettings } from "./flags/storage_flags.ts";
import { learnStoredGood } from "./flags/stored_good.ts";
import { criteriaOf, learnedVerdicts } from "./flags/verdicts.ts";
import { WEBHOOK_SECRET, webhookPlace } from "./flags/watch_flags.ts";

/** What a watch needs of `score`. */
export interface Watching {
  /** The flags; `--watch` is given. */
  readonly flags: ScoreFlags & GoodFlags & { readonly watch: string };
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Opens the detector; it knows no category in advance. */
  readonly open: () => Promise<Detector>;
}

async function openInput(flags: Watching["flags"]): Promise<ObjectStore> {
  const { watch } = flags;
  const isHere = !watch.includes("://");
  if (isHere && (await statIfThere(watch))?.isDirectory !== true) {
    throw new RunError(
      `Cannot watch ${watch} as it must be a folder`,
      "configuration",
    );
  }
  return openStore(watch, storeSettings(flags));
}

async function identityOf(
  flags: Watching["flags"],
  { uri }: ObjectStore,
  { learned }: Detector,
): Promise<WatchIdentity> {
  const { heatRange: _, ...settings } = await runSettings(flags);
  const { object = DEFAULT_OBJECT } = flags;
  const good = Object.fromEntries(
    learned.map(({ category, sha256 }) => [category, sha256]),
  );
  return { format: "mfp-clip watch 1", input: uri, object, ...settings, good };
}

/** Learns good images, or takes those of a profile with its thresholds. */
async function prepare(
  detector: Detector,
  { flags, signal }: Watching,
): Promise<Criteria> {
  const { object = DEFAULT_OBJECT } = flags;
  await learnStoredGood(detector, { ...flags, category: undefined, object }, {
    stores: allStores(storeSettings(flags)),
    decode: decodeOptions(flags),
    signal,
  });
  const chosen = await criteriaOf(detector, flags, []);
  const isLearned = chosen === undefined && flags.good !== undefined;
  const criteria = chosen ??
    criteriaOfProducts(isLearned ? learnedVerdicts(detector) : {});
  const caution = cautionOnPhotographs({
    model: detector.directory,
    learned: detector.learned.map(({ category }) => category),
    categories: [],
  });
  if (caution !== undefined) console.error(`Caution: ${caution}`);
  return criteria ?? (() => undefined);
}

/** The same for the same version of a file, and fit for a header. */
function messageId({ key, etag }: Decision): string {
  const hash = createHash("sha256").update(`${key}\0${etag}`);
  return `msg_${hash.digest("hex").slice(0, 32)}`;
}

/** Counts decisions, and says each on one line. */
class Tally {
  images = 0;
  defective = 0;
  errors = 0;
  undelivered = 0;
  readonly #json: boolean;

  constructor(json: boolean) {
    this.#json = json;
  }

  add(decision: Decision): void {
    const { key, score, is_anomalous, error } = decision;
    this.images++;
    if (is_anomalous) this.defective++;
    if (error !== null) this.errors++;
    if (this.#json) return console.log(JSON.stringify(decision));
    const verdict = is_anomalous === null ? "" : is_anomalous ? "bad " : "good";
    const said = error ?? `${verdict} ${score?.toFixed(4)}`.trim();
    console.log(printable(`${key}: ${said}`));
  }

  toString(): string {
    const { images, defective, errors, undelivered } = this;
    const lost = undelivered > 0 ? `, ${undelivered} not delivered` : "";
    return `${images} images, ${defective} defective, ${errors} without a score${lost}`;
  }
}

function openWebhook(
  { webhook }: Watching["flags"],
  { record, tally }: { readonly record: WatchRecord; readonly tally: Tally },
): { readonly hook: Webhook | undefined; settled(): Promise<void> } {
  const place = webhookPlace(webhook, Deno.env.get(WEBHOOK_SECRET));
  let kept: Promise<unknown> = Promise.resolve();
  const hook = place && new Webhook({
    ...place,
    onFailure(message, reason) {
      tally.undelivered++;
      console.error(printable(
        `Warning: cannot deliver a decision as ${reason}; it is in ${WATCH_FILES.undelivered}`,
      ));
      const keep = () => record.keepUndelivered(message, reason);
      kept = kept.then(keep).catch((error) => console.error(String(error)));
    },
  });
  return { hook, settled: async () => void await kept };
}

/**
 * Watches until the process is told to stop.
 *
 * @throws {DOMException} The reason to stop.
 * @throws {FolderInUseError} If another run writes to the folder.
 * @throws {RunError} If the folders cannot be used.
 */
export async function scoreWatch(watching: Watching): Promise<never> {
  const { flags, signal, open } = watching;
  webhookPlace(flags.webhook, Deno.env.get(WEBHOOK_SECRET));
  const store = await openInput(flags);
  const folder = resolve(flags.out);
  await using detector = await open();
  const criteria = await prepare(detector, watching);
  await using record = await WatchRecord.open(
    folder,
    await identityOf(flags, store, detector),
  );
  const tally = new Tally(flags.json);
  const { hook, settled } = openWebhook(flags, { record, tally });
  console.error(printable(
    `Watching ${store.uri}; decisions go to ${folder}/${WATCH_FILES.decisions}`,
  ));
  try {
    await watchFolder({
      store,
      detector,
      criteria,
      object: flags.object ?? DEFAULT_OBJECT,
      bitDepth: Number(flags["bit-depth"]) as BitDepth,
      ignoreOrientation: flags["ignore-orientation"],
      decided: record.decided(),
      batchSize: flags["batch-size"],
      poll: 1000 * flags.poll,
      settle: 1000 * flags.settle,
      signal,
      onTrouble: ({ message }) =>
        console.error(printable(`Warning: ${message}`)),
      async keep(decisions) {
        await record.keep(decisions);
        for (const decision of decisions) {
          tally.add(decision);
          hook?.push({
            id: messageId(decision),
            body: JSON.stringify(decision),
          });
        }
      },
    });
  } finally {
    await hook?.drain(1000 * GRACE_SECONDS);
    await settled();
    console.error(`${tally}; the next start goes on from here`);
  }
  throw signal.reason;
}
