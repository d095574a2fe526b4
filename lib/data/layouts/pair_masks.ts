/**
 * Masks to images by what their names have in common, never by position.
 *
 * The name of a mask is that of its image, or has it inside, with anything
 * before or after: `7.jpg` goes with `7.png`, `007_mask.png`, `gt_7.png` and
 * `7_mask_2.png`. Numbers compare as numbers, and whole, so that `1` is not
 * found in `10_gt`. Where several images fit, the longest name wins.
 *
 * @module
 */

/** A file with a name to pair. */
export interface Named {
  /** Path below the data root. */
  readonly path: string;
  /** Name without folders and extension. */
  readonly stem: string;
}

/** What {@linkcode pairMasks} found. */
export interface Pairing {
  /** Path of an image -> paths of its masks, in order. */
  readonly masks: ReadonlyMap<string, readonly string[]>;
  /** Masks that fit no image, or several alike. */
  readonly orphans: readonly string[];
  /** Those of them that fit several. */
  readonly unclear: readonly string[];
}

/** Words that are glued to names of masks, as in `partmask`. */
const GLUED_REGEXP =
  /^(.*?)(groundtruth|mask|label|gt|seg)$|^(groundtruth|mask|label|gt|seg)(.*)$/i;

/** Numbers, runs of letters, and what stands between them. */
const TOKEN_REGEXP = /\p{N}+|\p{Lu}+(?!\p{Ll})|\p{L}\p{Ll}*|[^\p{L}\p{N}]+/gu;

/** `partmask` -> part, mask. */
function unglued(token: string): string[] {
  const [, before, after, first, rest] = token.match(GLUED_REGEXP) ?? [];
  const parts = before === undefined ? [first, rest] : [before, after];
  const whole = parts.filter((part) => part !== undefined && part !== "");
  return whole.length === 0 ? [token] : whole as string[];
}

function tokensOf(stem: string): string[] {
  return [...stem.matchAll(TOKEN_REGEXP)].flatMap(([token]) => unglued(token));
}

/** How tokens compare where their text differs: `007` is 7, `IMG` is img. */
function normal(token: string): string {
  if (/^\p{N}+$/u.test(token)) return token.replace(/^0+(?=\p{N})/u, "");
  return /\p{L}/u.test(token) ? token.toLowerCase() : "_";
}

/** Images by some form of their names; null where several share one. */
type Index = ReadonlyMap<string, string | null>;

function indexBy(
  images: readonly Named[],
  formOf: (stem: string) => string,
): Index {
  const index = new Map<string, string | null>();
  for (const { path, stem } of images) {
    const form = formOf(stem);
    index.set(form, index.has(form) ? null : path);
  }
  return index;
}

function normalForm(stem: string): string {
  return tokensOf(stem).map(normal).join("\0");
}

interface Names {
  readonly exact: Index;
  readonly alike: Index;
  /** How many tokens names of images have. */
  readonly counts: readonly number[];
}

/** A part of a mask's name, and how well it is placed. */
interface Span {
  readonly text: string;
  readonly form: string;
  /** 0 at the start, 1 at the end, 2 inside. */
  readonly place: 0 | 1 | 2;
}

function* spansOf(stem: string, counts: readonly number[]): Generator<Span> {
  const tokens = tokensOf(stem);
  const forms = tokens.map(normal);
  for (const count of counts) {
    for (let start = 0; start + count <= tokens.length; start++) {
      const end = start + count;
      yield {
        text: tokens.slice(start, end).join(""),
        form: forms.slice(start, end).join("\0"),
        place: start === 0 ? 0 : end === tokens.length ? 1 : 2,
      };
    }
  }
}

interface Candidate {
  readonly image: string | null;
  /** Higher is better. */
  readonly rank: readonly [length: number, exact: number, place: number];
}

function compare(a: Candidate, b: Candidate): number {
  const at = a.rank.findIndex((value, i) => value !== b.rank[i]);
  return at === -1 ? 0 : b.rank[at]! - a.rank[at]!;
}

/** The image that fits best; null where several do, undefined for none. */
function imageOf(
  stem: string,
  { exact, alike, counts }: Names,
): string | null | undefined {
  const candidates: Candidate[] = [];
  for (const { text, form, place } of spansOf(stem, counts)) {
    const same = exact.get(text);
    if (same !== undefined) {
      candidates.push({ image: same, rank: [text.length, 1, -place] });
    }
    const like = alike.get(form);
    if (like !== undefined) {
      candidates.push({ image: like, rank: [text.length, 0, -place] });
    }
  }
  candidates.sort(compare);
  const [best, ...others] = candidates;
  if (best === undefined) return undefined;
  const tied = others.some((other) =>
    compare(best, other) === 0 && other.image !== best.image
  );
  return tied ? null : best.image;
}

/**
 * Pairs masks with images by name.
 *
 * @param images The images, in any order.
 * @param masks The masks, in any order.
 * @returns The masks of each image that has some, and those of none.
 */
export function pairMasks(
  images: readonly Named[],
  masks: readonly Named[],
): Pairing {
  const counts = new Set(images.map(({ stem }) => tokensOf(stem).length));
  const names: Names = {
    exact: indexBy(images, (stem) => stem),
    alike: indexBy(images, normalForm),
    counts: [...counts],
  };
  const paired = new Map<string, string[]>();
  const orphans: string[] = [];
  const unclear: string[] = [];
  for (const { path, stem } of masks) {
    const image = imageOf(stem, names);
    if (typeof image === "string") {
      paired.set(image, [...paired.get(image) ?? [], path]);
      continue;
    }
    orphans.push(path);
    if (image === null) unclear.push(path);
  }
  return { masks: paired, orphans, unclear };
}
