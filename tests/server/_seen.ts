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
  /** Address of a folder of images. */
  readonly input: string;
  /** Address of a folder that may not be read. */
  readonly foreign: string;
  /** Address of a folder for results. */
  readonly output: string;
}

/** What was seen. */
export interface Seen {
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
