/**
 * The images that training leaves out, and what was noted of the others.
 *
 * @module
 */
import {
  MASK_FAULTS,
  type MaskFault,
  type MaskNote,
} from "../../data/sample.ts";
import { NoteCounts } from "../../evaluation/note_counts.ts";
import type { PreparedImage } from "../../evaluation/prepare.ts";
import type { FileNotes } from "../../report/absent.ts";

/** How many images training cannot use, by reason. */
export interface LeftOut {
  /** Images without a label. */
  readonly unlabelled: number;
  /** Defective images without a mask. */
  readonly maskless: number;
  /** Defective images whose mask cannot be used, by what is wrong with it. */
  readonly masks: Readonly<Partial<Record<MaskFault, readonly string[]>>>;
}

/** What is wrong with a mask, in words. */
export const MASK_FAULT_WORDS: Readonly<Record<MaskFault, string>> = {
  absent: "not there",
  unreadable: "not readable",
  other_size: "of another size",
  empty: "empty",
};

/**
 * What is wrong with the mask that an image must have.
 *
 * @param image The image.
 * @returns null where nothing is, or it needs none.
 */
export function faultOf(
  { sample, mask, maskNotes }: PreparedImage,
): MaskFault | null {
  if (sample.label !== 1 || mask !== null) return null;
  return MASK_FAULTS.find((fault) => maskNotes.includes(fault)) ?? null;
}

/**
 * Counts masks by what is wrong with them.
 *
 * @param masks Keys of their images.
 * @returns ` that can be used (2 of another size)`, or nothing.
 */
export function faultCounts(masks: LeftOut["masks"]): string {
  const counts = MASK_FAULTS.flatMap((fault) => {
    const { length = 0 } = masks[fault] ?? [];
    return length === 0 ? [] : [`${length} ${MASK_FAULT_WORDS[fault]}`];
  });
  return counts.length === 0 ? "" : ` that can be used (${counts.join(", ")})`;
}

/** Counts of notes on the files of one category. */
interface FileNoteCounts {
  readonly masks: Partial<Record<MaskNote, number>>;
  readonly images: NoteCounts;
}

/** Counts what is noted of files, by category. */
export class SetNotes {
  readonly #counts = new Map<string, FileNoteCounts>();

  /** Counts an image that training uses. */
  add(image: PreparedImage): void {
    const { category } = image.sample;
    const { masks, images } = this.#counts.get(category) ??
      { masks: {}, images: new NoteCounts() };
    this.#counts.set(category, { masks, images });
    for (const note of image.maskNotes) masks[note] = (masks[note] ?? 0) + 1;
    images.add(image);
  }

  /** The counts so far. */
  byCategory(): ReadonlyMap<string, FileNotes> {
    return new Map(
      [...this.#counts].map(([category, { masks, images }]) => [
        category,
        { mask_notes: masks, ...images.summary() },
      ]),
    );
  }
}
