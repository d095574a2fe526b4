/**
 * What the browser is told, and what it tells.
 *
 * @module
 */

/** What to use the page with. */
export interface BrowserTask {
  /** The browser's program. */
  readonly chromium: string;
  /** Address of a server without a token. */
  readonly open: string;
  /** Address of one with a token. */
  readonly closed: string;
  /** The token. */
  readonly token: string;
  /** An image's path. */
  readonly image: string;
  /** Paths of images of all shapes. */
  readonly shapes: readonly string[];
  /** A .zip archive of two images. */
  readonly archive: string;
  /** Address of a folder of images. */
  readonly input: string;
  /** Address of a folder that may not be read. */
  readonly foreign: string;
  /** Address of a folder for results. */
  readonly output: string;
}

/** Left, top, width and height in pixels of the page. */
export type Box = readonly [number, number, number, number];

/** Where a photograph and its map were shown. */
export interface Boxes {
  readonly photo: Box;
  readonly heat: Box;
  readonly outlines: Box;
}

/** What was seen. */
export interface Seen {
  /** Boxes of each shape, first at 1280 pixels and then at 375. */
  readonly boxes: readonly Boxes[];
  /** What is said of an archive and an image that were dropped together. */
  readonly list: {
    readonly count: string;
    readonly names: readonly string[];
    readonly chosen: string;
    /** With the threshold at its lowest and at its highest. */
    readonly judged: {
      readonly all: string;
      readonly none: string;
      readonly badges: readonly string[];
    };
  };
  /** Whether scores and rows with scores are left after the product changes. */
  readonly stale: { readonly isShown: boolean; readonly values: string };
  /** Folders that the page lists. */
  readonly places: string;
  /** The score that the page shows. */
  readonly score: string;
  /** Pixels per row of the heatmap. */
  readonly heatWidth: number;
  /** Pixels per row in which a small image is shown. */
  readonly shownWidth: number;
  /** Opacity of the heatmap at the end of the slider. */
  readonly opacity: string;
  /** What is said of a file that is no image. */
  readonly broken: string;
  /** What is said of batches. */
  readonly batch: {
    readonly refused: string;
    readonly count: string;
    readonly title: string;
  };
  /** The least contrast in light and in dark. */
  readonly contrasts: readonly number[];
  /** Pixels that do not fit in width, at 1280 and at 375. */
  readonly overflows: readonly number[];
  /** Fields without a name. */
  readonly unnamed: readonly string[];
  /** What is seen where a token is asked for. */
  readonly token: {
    readonly without: string;
    readonly score: string;
    readonly title: string;
  };
  /** Errors, and requests to other places. */
  readonly strange: readonly string[];
}
