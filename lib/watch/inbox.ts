/**
 * Which files of a watched folder are there whole, and which are done.
 *
 * @module
 */
import type { ObjectInfo } from "../storage/object_store.ts";

/** A version of a file. */
export type FileVersion = Pick<ObjectInfo, "key" | "etag">;

/** Options of {@linkcode Inbox}. */
export interface InboxOptions {
  /**
   * Milliseconds for which the size and the time of a file must stay the same
   * before it is read.
   */
  readonly settle: number;
  /** How often a file that looks cut off is tried. */
  readonly attempts: number;
}

interface Entry {
  readonly etag: string;
  /** From when on it is ready. */
  ready: number;
  attempts: number;
  isDone: boolean;
  pass: number;
}

/**
 * Remembers the files that are in the folder now, and nothing of those that
 * are gone. It holds about 200 bytes for each.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #entries = new Map<string, Entry>();
  #pass = 0;
  #found = 0;

  /** Constructs an empty inbox. */
  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** How many files wait until they are whole. */
  get waiting(): number {
    return this.#entries.values().filter(({ isDone }) => !isDone)
      .reduce((count) => count + 1, 0);
  }

  /** Starts to go through the folder. */
  startPass(): void {
    this.#pass++;
    this.#found = 0;
  }

  /**
   * Notes that a file is in the folder.
   *
   * @param now The time in milliseconds.
   * @returns Whether it is to be scored now.
   */
  offer({ key, etag }: FileVersion, now: number): boolean {
    this.#found++;
    const known = this.#entries.get(key);
    const entry = known?.etag === etag ? known : this.#add(key, etag, now);
    entry.pass = this.#pass;
    return !entry.isDone && now >= entry.ready;
  }

  /**
   * Forgets the files that are gone. Where no file was found at all nothing is
   * forgotten, because the folder may be on a disk that is away for a while.
   */
  endPass(): void {
    if (this.#found === 0) return;
    for (const [key, { pass }] of this.#entries) {
      if (pass !== this.#pass) this.#entries.delete(key);
    }
  }

  /** Notes that a file is scored, if this version of it is still there. */
  done({ key, etag }: FileVersion): void {
    const entry = this.#entries.get(key);
    if (entry?.etag === etag) entry.isDone = true;
  }

  /**
   * Puts a file off that looks cut off; each wait is twice as long as the one
   * before.
   *
   * @returns Whether it will be tried again.
   */
  postpone({ key, etag }: FileVersion, now: number): boolean {
    const entry = this.#entries.get(key);
    if (entry?.etag !== etag) return true;
    entry.attempts++;
    if (entry.attempts >= this.#options.attempts) return false;
    entry.ready = now + this.#options.settle * 2 ** entry.attempts;
    return true;
  }

  #add(key: string, etag: string, now: number): Entry {
    const ready = now + this.#options.settle;
    const entry = { etag, ready, attempts: 0, isDone: false, pass: this.#pass };
    this.#entries.set(key, entry);
    return entry;
  }
}
