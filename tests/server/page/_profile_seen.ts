/**
 * What the browser is told of good images, and what it tells.
 *
 * @module
 */

/** What to use the page with. */
export interface ProfileTask {
  /** The browser's program. */
  readonly chromium: string;
  /** Address of a server with a token. */
  readonly address: string;
  /** The token. */
  readonly token: string;
  /** Paths of good images. */
  readonly good: readonly string[];
  /** Paths of a good part and a defective one. */
  readonly parts: readonly string[];
  /** Where to save the profile. */
  readonly saved: string;
}

/** What was seen. */
export interface ProfileSeen {
  /** What is said of the good images. */
  readonly facts: string;
  /** Whether the product is as the good images say. */
  readonly isFixed: boolean;
  /** What is said of parts, and with the threshold at its lowest. */
  readonly judged: {
    readonly effect: string;
    readonly lowest: string;
    readonly count: string;
    readonly outlines: number;
    readonly verdict: string;
  };
  /** The least contrast in light and in dark. */
  readonly contrasts: readonly number[];
  /** Pixels that do not fit in width, at 1280 and at 375. */
  readonly overflows: readonly number[];
  /** Fields without a name. */
  readonly unnamed: readonly string[];
  /** Errors. */
  readonly strange: readonly string[];
}
