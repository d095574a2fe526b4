/**
 * What a server takes on at most.
 *
 * @module
 */

/** Bounds on requests and on the work they cause. */
export interface Limits {
  /** Bytes of one request's body. */
  readonly bodyBytes: number;
  /** Bytes of all bodies that are held at one time, and of all objects. */
  readonly heldBytes: number;
  /** Pixels of one image. */
  readonly pixels: number;
  /** Images that wait or are looked at; more are refused with 429. */
  readonly queue: number;
  /** Images in one request. */
  readonly items: number;
  /** Milliseconds that one request may take. */
  readonly requestMilliseconds: number;
  /** Milliseconds that a client may be silent while it sends a body. */
  readonly silenceMilliseconds: number;
  /** Clients that follow the events of batches at a time. */
  readonly followers: number;
}

/** What holds where nothing else is said. */
export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 32 << 20,
  heldBytes: 256 << 20,
  pixels: 50e6,
  queue: 128,
  items: 256,
  requestMilliseconds: 300_000,
  silenceMilliseconds: 10_000,
  followers: 100,
};
