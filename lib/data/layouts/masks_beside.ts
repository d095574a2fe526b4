/**
 * Masks that lie in the folders of their images, told by their names:
 * `20000.png` and `20000_GT.png`, or `a.jpg` and `a.png` where products are
 * defective.
 *
 * @module
 */
import type { Named } from "./pair_masks.ts";

/** The words that tell the mask of an image from the image. */
const WORD = "(?:ground[-_ ]?truth|gt|mask|masks|label|seg|segmentation|anno|" +
  "maske|masque|m[áa]scara|maschera|maska|маска)";
const AFTER_REGEXP = new RegExp(`^(.+?)[-_. ]+${WORD}(?:[-_. ]?\\d+)?$`, "i");
const BEFORE_REGEXP = new RegExp(`^${WORD}[-_. ]+(.+)$`, "i");

/**
 * The name of the image that a name of a mask speaks of.
 *
 * @param stem A name without folders and ending.
 * @returns The name, without ending; null for others.
 */
export function imageStem(stem: string): string | null {
  return stem.match(AFTER_REGEXP)?.[1] ?? stem.match(BEFORE_REGEXP)?.[1] ??
    null;
}

/**
 * The masks among the images of one folder, by a word in their names. Where
 * one of them has its image beside it, all of that form are masks.
 *
 * @param files The images of one folder.
 * @returns Paths of masks.
 */
export function masksByWord(files: readonly Named[]): Set<string> {
  const stems = new Set(files.map(({ stem }) => stem));
  const named = files.filter(({ stem }) => imageStem(stem) !== null);
  const isPaired = named.some(({ stem }) => stems.has(imageStem(stem)!));
  return new Set(isPaired ? named.map(({ path }) => path) : []);
}

function endOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1).toLowerCase();
}

/**
 * The masks among the images of one folder that have the name of their image
 * but another ending. Masks are PNG, BMP or TIFF, since JPEG blurs them; every
 * file of that ending must have its image beside it.
 *
 * @param files The images of one folder.
 * @returns Paths of masks.
 */
export function masksByEnding(files: readonly Named[]): Set<string> {
  for (const ending of ["png", "bmp", "tif", "tiff"]) {
    const masks = files.filter(({ path }) => endOf(path) === ending);
    const others = new Set(
      files.filter(({ path }) => endOf(path) !== ending)
        .map(({ stem }) => stem),
    );
    const arePaired = masks.length > 0 &&
      masks.every(({ stem }) => others.has(stem));
    if (arePaired) return new Set(masks.map(({ path }) => path));
  }
  return new Set();
}
