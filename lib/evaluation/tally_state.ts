/**
 * What is stored of the counts of one category.
 *
 * @module
 */
import type { MaskNote } from "../data/sample.ts";
import type { NoteCountsState } from "./note_counts.ts";

/** The content of a tally, to be stored and merged later. */
export interface TallyState extends NoteCountsState {
  /** Images, those without a score included. */
  readonly images: number;
  /** Images without a score. */
  readonly errors: number;
  /** Images with a score and a label. */
  readonly labelled: number;
  /** Defective images without a mask. */
  readonly masksMissing: number;
  /** Masks with no pixel left at model resolution. */
  readonly masksLost: number;
  /** How often each note on a mask occurred. */
  readonly maskNotes?: Readonly<Partial<Record<MaskNote, number>>>;
  /** The bytes of `ImageScores.toBytes()`. */
  readonly scores: Uint8Array;
  /** The bytes of `PixelCounts.toBytes()`; null without any pixel. */
  readonly pixels: Uint8Array | null;
  /** Masks that entered pixel metrics. */
  readonly masks?: number;
  /**
   * The bytes of `PixelGroups.toBytes()`; null without any pixel. Parts
   * of earlier versions lack it, and their run then has no pixel intervals.
   */
  readonly groups?: Uint8Array | null;
  /** The bytes of `ImageScores.toBytes()` of each kind of defect. */
  readonly kinds?: Readonly<Record<string, Uint8Array>>;
  /**
   * The bytes of `PixelCounts.toBytes()` of each kind of defect, the
   * empty name for images of none. Null where there are too many kinds; absent
   * without a mask, and in parts of earlier versions.
   */
  readonly kindPixels?: Readonly<Record<string, Uint8Array>> | null;
}
