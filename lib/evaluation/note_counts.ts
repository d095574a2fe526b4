/**
 * Counts of what was noted of the image files of a category.
 *
 * @module
 */
import { IMAGE_NOTES, type ImageNote } from "../data/sample.ts";
import type { CategorySummary } from "../results/summary.ts";
import type { PreparedImage } from "./prepare.ts";

/** The counts as they are stored. */
export interface NoteCountsState {
  /** How often each note on an image file occurred. */
  readonly imageNotes?: Readonly<Partial<Record<ImageNote, number>>>;
  /** The largest sample of the files of 16 bits. */
  readonly largestSample?: number;
}

/** Counts notes on image files; the order of images is irrelevant. */
export class NoteCounts {
  readonly #counts = new Map<ImageNote, number>();
  #largestSample = 0;

  /** Counts an image with a score. */
  add(
    { imageNotes, largestSample }: Pick<
      PreparedImage,
      "imageNotes" | "largestSample"
    >,
  ): void {
    for (const note of imageNotes) this.#count(note, 1);
    this.#largestSample = Math.max(this.#largestSample, largestSample ?? 0);
  }

  /** Adds the counts of other images. */
  merge({ imageNotes = {}, largestSample = 0 }: NoteCountsState): void {
    for (const note of IMAGE_NOTES) this.#count(note, imageNotes[note] ?? 0);
    this.#largestSample = Math.max(this.#largestSample, largestSample);
  }

  /** The counts so far; nothing where nothing was noted. */
  state(): NoteCountsState {
    if (this.#counts.size === 0) return {};
    const imageNotes = Object.fromEntries(this.#counts);
    return this.#counts.has("sixteen_bits")
      ? { imageNotes, largestSample: this.#largestSample }
      : { imageNotes };
  }

  /** The counts as summary.json has them. */
  summary(): Pick<CategorySummary, "image_notes" | "largest_sample"> {
    const { imageNotes, largestSample } = this.state();
    return {
      ...imageNotes && { image_notes: imageNotes },
      ...largestSample !== undefined && { largest_sample: largestSample },
    };
  }

  #count(note: ImageNote, count: number): void {
    if (count === 0) return;
    this.#counts.set(note, (this.#counts.get(note) ?? 0) + count);
  }
}
