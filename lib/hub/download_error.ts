/**
 * Errors of downloads.
 *
 * @module
 */

/** Why a download failed. */
export type DownloadFailure =
  /** There is no such file, or none on this machine where it must be here. */
  | "missing"
  /** The server wants other credentials. */
  | "denied"
  /** The server answers what it must not. */
  | "refused"
  /** The file is not as expected. */
  | "damaged"
  /** The server cannot be reached, is busy or breaks off. */
  | "unavailable";

/** Options of {@linkcode DownloadError}. */
export interface DownloadErrorOptions extends ErrorOptions {
  /** Seconds that the server asks to wait. */
  readonly retryAfter?: number | undefined;
}

/** Thrown when a file cannot be downloaded. */
export class DownloadError extends Error {
  /** Its name. */
  override name = "DownloadError";
  /** Why. Only `unavailable` is worth another attempt at once. */
  readonly failure: DownloadFailure;
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | undefined;

  /** Constructs an error from a sentence and the kind of failure. */
  constructor(
    message: string,
    failure: DownloadFailure,
    options: DownloadErrorOptions = {},
  ) {
    super(message, options);
    this.failure = failure;
    this.retryAfter = options.retryAfter;
  }
}

/** Statuses after which a server may yet send the file. */
const TRANSIENT: ReadonlySet<number> = new Set([
  408,
  425,
  429,
  500,
  502,
  503,
  504,
  520,
  522,
  524,
]);

/** What a status code of a failed request says. */
export function failureOfStatus(status: number): DownloadFailure {
  if (status === 404 || status === 410) return "missing";
  if (status === 401 || status === 403) return "denied";
  return TRANSIENT.has(status) ? "unavailable" : "refused";
}
