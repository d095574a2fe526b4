/**
 * The pages of a TIFF file: which one is the image, and how many there are.
 *
 * Cameras and scanners put a thumbnail first, or a stack of layers. sharp does
 * not tell which page is a reduced image, so the directories are read here.
 *
 * @module
 */

/** What the directories of a TIFF file tell. */
export interface TiffPages {
  /** Index of the first page that is a full image; 0 where none says so. */
  readonly first: number;
  /** Full images besides the first one. */
  readonly further: number;
}

/** How a file lays its numbers out: TIFF 6.0, or BigTIFF. */
interface Layout {
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly isBig: boolean;
}

/** NewSubfileType; bit 0 marks a reduced image, bit 2 a transparency mask. */
const NEW_SUBFILE_TYPE = 254;
/** SubfileType of older files; 2 marks a reduced image. */
const SUBFILE_TYPE = 255;
const REDUCED = 0b101;
const SHORT = 3;
/** A file may hold any number of pages: beyond these they are not counted. */
const MAX_PAGES = 10_000;
/** Nor are pages after so many fields, which may lie upon each other. */
const MAX_FIELDS = 1_000_000;

function layoutOf(bytes: Uint8Array): Layout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = bytes[0] === 0x49; // "II"
  return {
    view,
    littleEndian,
    isBig: view.getUint16(2, littleEndian) === 43,
  };
}

/** An offset or a count: 4 bytes, in BigTIFF 8. */
function readOffset({ view, littleEndian, isBig }: Layout, at: number): number {
  return isBig
    ? Number(view.getBigUint64(at, littleEndian))
    : view.getUint32(at, littleEndian);
}

interface Directory {
  readonly fields: number;
  readonly isReduced: boolean;
  readonly next: number;
}

function readDirectory(layout: Layout, at: number): Directory {
  const { view, littleEndian, isBig } = layout;
  const count = isBig
    ? Number(view.getBigUint64(at, littleEndian))
    : view.getUint16(at, littleEndian);
  if (count > MAX_FIELDS) throw new RangeError("More fields than any file");
  const step = isBig ? 20 : 12;
  const entries = at + (isBig ? 8 : 2);
  let isReduced = false;
  for (let i = 0; i < count; i++) {
    const entry = entries + i * step;
    const tag = view.getUint16(entry, littleEndian);
    if (tag > SUBFILE_TYPE) break; // Tags are in ascending order.
    if (tag < NEW_SUBFILE_TYPE) continue;
    const value = entry + (isBig ? 12 : 8);
    const isShort = view.getUint16(entry + 2, littleEndian) === SHORT;
    const kind = isShort
      ? view.getUint16(value, littleEndian)
      : view.getUint32(value, littleEndian);
    isReduced ||= tag === NEW_SUBFILE_TYPE
      ? (kind & REDUCED) !== 0
      : kind === 2;
  }
  return {
    fields: count,
    isReduced,
    next: readOffset(layout, entries + count * step),
  };
}

/** For each page, whether it is a reduced image or a mask. */
function* reducedPages(layout: Layout): Generator<boolean> {
  const seen = new Set<number>();
  let at = readOffset(layout, layout.isBig ? 8 : 4);
  let left = MAX_FIELDS;
  while (at !== 0 && !seen.has(at) && seen.size < MAX_PAGES && left > 0) {
    seen.add(at);
    const { fields, isReduced, next } = readDirectory(layout, at);
    left -= fields;
    yield isReduced;
    at = next;
  }
}

/**
 * Reads which pages of a TIFF file are full images.
 *
 * @param bytes The file's bytes.
 * @returns The first full image and how many follow it. A damaged chain of
 * directories ends where the damage is; the decoder then refuses the page.
 */
export function readTiffPages(bytes: Uint8Array): TiffPages {
  const full: number[] = [];
  let page = 0;
  try {
    for (const isReduced of reducedPages(layoutOf(bytes))) {
      if (!isReduced) full.push(page);
      page++;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // Beyond the end.
  }
  return { first: full[0] ?? 0, further: Math.max(full.length - 1, 0) };
}
