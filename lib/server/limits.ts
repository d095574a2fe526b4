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
  /** Bytes that the lists of images and results of a batch may take. */
  readonly batchBytes: number;
  /** Milliseconds that one step with such a list may take. */
  readonly batchStepMilliseconds: number;
  /** Profiles of clients at a time. */
  readonly profiles: number;
  /** Good images of one of them. */
  readonly profileImages: number;
  /** Bytes of all of them: images, memories and the graphs that hold these. */
  readonly profileBytes: number;
  /** Bytes that learning the good images of one may take for the while. */
  readonly learningBytes: number;
  /** Milliseconds after its last use when a profile is dropped. */
  readonly profileMilliseconds: number;
  /** Milliseconds of rest after which one may be dropped for another. */
  readonly profileRestMilliseconds: number;
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
  batchBytes: 2 * 2 ** 30,
  batchStepMilliseconds: 60_000,
  profiles: 32,
  profileImages: 200,
  profileBytes: 512 << 20,
  learningBytes: 1 << 30,
  profileMilliseconds: 2 * 3_600_000,
  profileRestMilliseconds: 600_000,
};
