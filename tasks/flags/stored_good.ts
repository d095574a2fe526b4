/**
 * Good images in a folder, an archive or a bucket: learned once for all workers
 * of a run, or by a server.
 *
 * @module
 */
import {
  jsonHash,
  type LearnedMemory,
  learnOnce,
  type PlannedGood,
} from "../../lib/batch/good.ts";
import { inputKind } from "../../lib/batch/list_input.ts";
import type { RunSettings } from "../../lib/batch/run.ts";
import {
  archiveSource,
  findObject,
  type FolderSource,
  folderSource,
} from "../../lib/batch/stored_sources.ts";
import type { Stores } from "../../lib/batch/stores.ts";
import type { Source } from "../../lib/data/source.ts";
import { storedCriterion } from "../../lib/batch/stored_criteria.ts";
import type { Detector } from "../../lib/detector/detector.ts";
import {
  learnedProducts,
  noVerdictNote,
} from "../../lib/evaluation/learned_products.ts";
import type { DecodeOptions } from "../../lib/image/decode.ts";
import {
  type GoodSet,
  listGoodImages,
  matchGoodSet,
} from "../../lib/references/good_set.ts";
import { MEMORY_FORMAT } from "../../lib/references/memory_file.ts";
import { printable } from "../../lib/report/format.ts";
import { UsageError } from "../cli/usage_error.ts";
import {
  type GoodFlags,
  learnGood,
  NO_FOLDER,
  note,
  warn,
} from "./good_flags.ts";

/** How good images are read. */
export interface StoredGoodOptions {
  /** Opens the good images. */
  readonly stores: Stores;
  /** How images are decoded. */
  readonly decode: DecodeOptions;
  /** Ends learning early. */
  readonly signal: AbortSignal;
}

/** What {@linkcode planGood} must know. */
export interface PlanGoodOptions extends StoredGoodOptions {
  /** The settings of the run. */
  readonly settings: Pick<RunSettings, "model" | "precision" | "frame">;
  /**
   * Whether the run has thresholds without those of good images.
   *
   * @default {false}
   */
  readonly hasThresholds?: boolean;
  /** Opens a detector to learn with. */
  readonly open: (categories: readonly string[]) => Promise<Detector>;
}

interface OpenedSource {
  readonly source: Source;
  /** Size and tag of what a path is read from. */
  readonly tagOf: (path: string) => readonly (string | number)[];
}

async function openGood(
  uri: string,
  { stores, signal }: StoredGoodOptions,
): Promise<OpenedSource> {
  if (inputKind(uri) === "archive") {
    const { store, key } = stores.object(uri);
    const object = await findObject(store, key, { signal });
    const { size, etag } = object.info;
    const source = await archiveSource(object, { signal });
    return { source, tagOf: () => [size, etag] };
  }
  const source: FolderSource = await folderSource(stores.folder(uri), {
    signal,
  });
  const tagOf = (path: string) => {
    const { size = 0, etag = "" } = source.objects.get(path) ?? {};
    return [size, etag];
  };
  return { source, tagOf };
}

/** What version 0.1.0 learned has no thresholds, and is learned again. */
const WITH_CRITERION = "with a criterion";

/** What tells the good images of each category from any others. */
function sourcesOf(
  { root, categories }: GoodSet,
  { tagOf }: OpenedSource,
  { settings: { model, precision, frame }, decode }: PlanGoodOptions,
): ReadonlyMap<string, unknown> {
  const prefix = root === "" ? "" : `${root}/`;
  return new Map(
    [...categories].map(([category, samples]) => [category, [
      MEMORY_FORMAT,
      WITH_CRITERION,
      model.fingerprint,
      precision,
      decode,
      samples.map(({ key }) => [key, ...tagOf(prefix + key)]),
      // Left out without tiles, so that what was learned before is found again.
      ...frame === undefined ? [] : [frame],
    ]]),
  );
}

/** What a detector has learned of a category, with thresholds. */
function learnedOf(detector: Detector, category: string): LearnedMemory {
  const learned = detector.learned.filter((one) => one.category === category);
  const leftOut = (name: string) => detector.leftOut(name);
  const leftOutScores = (name: string) => detector.leftOutScores(name);
  const { products: { [category]: product } } = learnedProducts({
    learned,
    leftOut,
    leftOutScores,
  });
  const { category: _, ...summary } = learned[0]!;
  const criterion = product && storedCriterion(product);
  return {
    summary: { ...summary, ...criterion && { criterion } },
    file: detector.memory(category)!,
  };
}

/**
 * Plans to compare images with the good ones that the flags name.
 *
 * @param flags The flags.
 * @param options How to open and to learn them.
 * @returns The plan, or undefined where the flags name none.
 * @throws {UsageError} If there are shots of nothing.
 * @throws {DataSetError} If there are no good images.
 * @throws {StorageError} If the store fails.
 */
export async function planGood(
  { good: uri, shots }: GoodFlags,
  options: PlanGoodOptions,
): Promise<PlannedGood | undefined> {
  if (uri === undefined) {
    if (shots === undefined) return undefined;
    throw new UsageError("Cannot read --shots as --good must name good images");
  }
  const opened = await openGood(uri, options);
  const { decode, open, signal, hasThresholds = false } = options;
  const listed = { ...decode, object: NO_FOLDER, shots };
  const good = await listGoodImages(opened.source, listed);
  const sources = sourcesOf(good, opened, options);
  return {
    identity: jsonHash([...sources]),
    async learn(categories, out) {
      const matched = matchGoodSet(good, categories, NO_FOLDER);
      matched.warnings.forEach(warn);
      await using detectors = new AsyncDisposableStack();
      let detector: Detector | undefined;
      const learned = [];
      for (const [category, samples] of matched.categories) {
        const source = sources.get(category) ?? sources.get(NO_FOLDER);
        const summary = await learnOnce(
          out,
          jsonHash([category, source]),
          async () => {
            detector ??= detectors.use(await open(categories));
            const images = new Map([[category, samples]]);
            await learnGood(detector, images, { ...decode, signal });
            return learnedOf(detector, category);
          },
        );
        if (summary.criterion === undefined && !hasThresholds) {
          note(noVerdictNote(category, summary.images));
        }
        learned.push([category, summary] as const);
      }
      return Object.fromEntries(learned);
    },
  };
}

/**
 * Shows a server's detector the good images that the flags name.
 *
 * @param detector The detector.
 * @param flags The flags, the only categories if there are such, and the
 * category of requests that name none.
 * @param options How to read them.
 * @throws {UsageError} If there are shots of nothing.
 * @throws {DataSetError} If there are no good images, or one cannot be read.
 * @throws {StorageError} If the store fails.
 */
export async function learnStoredGood(
  detector: Detector,
  { good: uri, shots, category, object }: GoodFlags & {
    readonly category: readonly string[] | undefined;
    readonly object: string;
  },
  options: StoredGoodOptions,
): Promise<void> {
  if (uri === undefined) {
    if (shots === undefined) return;
    throw new UsageError("Cannot read --shots as --good must name good images");
  }
  const { decode, signal } = options;
  const { source } = await openGood(uri, options);
  const listed = { ...decode, object: NO_FOLDER, shots };
  const good = await listGoodImages(source, listed);
  const names = [...good.categories.keys()].map((name) =>
    name === NO_FOLDER ? object : name
  );
  const matched = matchGoodSet(good, category ?? names, NO_FOLDER);
  matched.warnings.forEach(warn);
  const learned = await learnGood(detector, matched.categories, {
    ...decode,
    signal,
  });
  const said = Object.entries(learned).map(([name, { images }]) =>
    `${name} ${images}`
  );
  console.error(printable(`Good images: ${said.join(", ")}`));
}
