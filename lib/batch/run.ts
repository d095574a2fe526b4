/**
 * The settings and the images of a run.
 *
 * @module
 */
import type { NetworkPrecision } from "../methods/precision.ts";
import type { ReadingOptions } from "../data/listing.ts";
import type { MaskPart } from "../data/mask_part.ts";
import type { ImageCounts, Reading } from "../data/sample.ts";
import type { SubsetOptions } from "../data/subset.ts";
import type { Detector } from "../detector/detector.ts";
import type { ImageDetector } from "../evaluation/image_detector.ts";
import type { FrameSettings } from "../framing/frame_settings.ts";
import type { BitDepth } from "../image/decode.ts";
import type { Sentences } from "../methods/sentences.ts";
import type { ObjectStore, StoreOptions } from "../storage/object_store.ts";
import type { GoodSummary, Scoring } from "../results/summary.ts";
import type { PlannedGood } from "./good.ts";
import type { ShardRange } from "./shard_range.ts";
import type { StoredCriteria } from "./stored_criteria.ts";
import type { Stores } from "./stores.ts";

/** Where images come from. */
export interface BatchInput {
  /**
   * Address of a folder, a list (`.csv`, `.jsonl`) or an archive (`.zip`, `.tar`,
   * `.tar.gz`, `.tar.xz`). Folders and archives have a layout of lib/data, or
   * plain images.
   */
  readonly uri: string;
  /** Opens that address, and the addresses in a list. */
  readonly stores: Stores;
}

/**
 * Everything that decides on the numbers of a run, beside its images. The
 * detector of each worker must be opened with the same settings.
 */
export interface RunSettings {
  /** Name of the model, and the hash of its files. */
  readonly model: { readonly name: string; readonly fingerprint: string };
  /** How the model scores images; absent for MFP-CLIP. */
  readonly scoring?: Scoring;
  /**
   * Sigma of the Gaussian that smooths anomaly maps; 0 for none.
   *
   * @default {0}
   */
  readonly smooth: number;
  /**
   * Precision of the network.
   *
   * @default {"f32"}
   */
  readonly precision: NetworkPrecision;
  /**
   * SHA-256 of the prompts of a user, in hexadecimal; null for none.
   *
   * @default {null}
   */
  readonly prompts: string | null;
  /**
   * The values of the first and the last colour of heatmaps.
   *
   * @default {[0, 1]}
   */
  readonly heatRange: readonly [number, number];
  /**
   * Bits that a sensor really fills in 16-bit files.
   *
   * @default {16}
   */
  readonly bitDepth: BitDepth;
  /**
   * The most pixels an image may have; as `decodeImage` has it where absent.
   */
  readonly maxPixels?: number | undefined;
  /** Whether the orientation that EXIF tells is ignored; absent where not. */
  readonly ignoreOrientation?: boolean | undefined;
  /**
   * How images are laid before the model; absent where they are only stretched
   * to its square.
   */
  readonly frame?: FrameSettings | undefined;
  /** Thresholds; with them, rows have verdicts. */
  readonly criteria?: StoredCriteria | undefined;
}

/** Options of {@linkcode planRun}. */
export interface PlanOptions
  extends
    Pick<RunSettings, "model">,
    Partial<Omit<RunSettings, "model">>,
    StoreOptions,
    SubsetOptions,
    ReadingOptions {
  /**
   * How many shards the images are divided into.
   *
   * @default {1}
   */
  readonly shards?: number;
  /** Takes only these categories. */
  readonly categories?: readonly string[];
  /**
   * Category of images that lie in no folder.
   *
   * @default {"object"}
   */
  readonly object?: string;
  /**
   * Skips images that earlier runs have scored: the id of a merged run, which
   * includes the runs that it was based on, or "last" for all merged runs.
   */
  readonly since?: string;
  /**
   * A name that the workers of one job share. All of them use the plan of the
   * first, even if images are added to the input in the meantime.
   */
  readonly job?: string;
  /** Good images with which all workers compare the images of the run. */
  readonly good?: PlannedGood | undefined;
  /**
   * Images that a plan holds in memory. The manifest of a run of more has parts
   * of so many images, and a folder of more files is listed as a stream.
   *
   * @default {65_536}
   */
  readonly heldImages?: number;
}

/** One image of a run. */
export interface PlanItem {
  /** Path below the data root with `/`, unique in the run. */
  readonly key: string;
  /** Path in the folder or archive; in a run over a list, the address. */
  readonly path: string;
  /** Product the image shows. */
  readonly category: string;
  /** 1 defective, 0 good, null if unknown. */
  readonly label: 0 | 1 | null;
  /** Kind of its defect; absent where the input does not say. */
  readonly defect?: string;
  /** Its masks, paths as {@linkcode PlanItem.path}; empty for none. */
  readonly masks: readonly MaskPart[];
  /** Bytes; 0 if the object is missing. */
  readonly size: number;
  /** The object's ETag; empty if it is missing. */
  readonly etag: string;
}

/** The kinds of input. */
export type InputKind = "folder" | "list" | "archive";

/** The settings in a manifest. */
export interface PlanHeader extends RunSettings {
  /** Where images come from. */
  readonly input: {
    readonly uri: string;
    readonly kind: InputKind;
    /** Name of the data set, for reports. */
    readonly name: string;
  };
  /** How many shards the images are divided into. */
  readonly shards: number;
  /** All categories, those without images included; sorted by code units. */
  readonly categories: readonly string[];
  /** The earlier runs whose images are skipped, sorted. */
  readonly since: readonly string[];
  /** Good images that the images are compared with; absent without any. */
  readonly good?: {
    /** What tells them from any others. */
    readonly identity: string;
    /** What was learned of them, by category. */
    readonly categories: Readonly<Record<string, GoodSummary>>;
    /**
     * Thresholds that they set, for runs whose settings have none; absent where
     * they are too few.
     */
    readonly criteria?: StoredCriteria;
  };
  /** How the input was read; absent in runs of earlier versions. */
  readonly reading?: Pick<Reading, "layout" | "notes">;
}

/** The images of a run in the order in which they are read. */
export interface PlanItems extends AsyncIterable<PlanItem> {
  /** How many there are. */
  readonly length: number;
  /**
   * Some of them.
   *
   * @param start Position of the first one.
   * @param end Position after the last one; the end of all by default.
   * @param options How to stop.
   * @returns They, in order. Nothing else is read.
   */
  slice(
    start: number,
    end?: number,
    options?: StoreOptions,
  ): AsyncIterable<PlanItem>;
}

/** A run, as its manifest describes it. */
export interface Plan {
  /** SHA-256 of the manifest in hexadecimal. */
  readonly run: string;
  /** Where manifest and results lie. */
  readonly out: ObjectStore;
  /** Its settings. */
  readonly header: PlanHeader;
  /** Its images; those of a large run are read from the store. */
  readonly items: PlanItems;
  /** The images of each shard. */
  readonly ranges: readonly ShardRange[];
  /** How many images each category has. */
  readonly counts: Readonly<Record<string, ImageCounts>>;
}

/** The part of a detector that scoring uses. */
export type ShardDetector =
  & ImageDetector
  & Pick<Detector, "promptOf">
  & Partial<Pick<Detector, "learned" | "memory" | "precision">>;

/** What may come from another thread. */
export type Later<T> = T | Promise<T>;

/** A {@linkcode ShardDetector} of this thread or of another one. */
export type RunDetector = Omit<ShardDetector, "promptOf" | "memory"> & {
  /** The sentences of a category. */
  promptOf(category: string): Later<Sentences>;
  /** The memory of a category, as a .safetensors file. */
  memory?(category: string): Later<Uint8Array<ArrayBuffer> | undefined>;
  /** How it lays images, where it has no `framing` to tell. */
  readonly frame?: FrameSettings;
};
