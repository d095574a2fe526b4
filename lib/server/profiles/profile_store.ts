/**
 * The profiles that clients made, for a while.
 *
 * @module
 */
import { clearTimeout, setTimeout } from "node:timers";
import { Semaphore, type Units } from "../../async/semaphore.ts";
import type { Frame } from "../../framing/frame_image.ts";
import type { Limits } from "../limits.ts";
import { refusal } from "../requests/refusals.ts";
import type { LearnedMemory } from "./learned_memory.ts";

/** Bounds of a {@linkcode ProfileStore}. */
export type ProfileLimits = Pick<
  Limits,
  | "profiles"
  | "profileBytes"
  | "profileMilliseconds"
  | "profileRestMilliseconds"
>;

/** What a client wants of a profile. */
export interface ProfileWish {
  /** What the product is called. */
  readonly category: string;
  /** Share of good images that may be called defective. */
  readonly falseAlarms: number;
}

/** A profile that a client makes of good images. */
export class ClientProfile {
  /** What requests name it by: nobody else can guess it. */
  readonly id: string = crypto.randomUUID();
  /** What the product is called, and the rate of false alarms. */
  readonly wish: ProfileWish;
  /** Good images as the model reads them. */
  readonly pixels: Uint8Array[] = []; // each [side, side, 3], of each tile
  /** Where the tiles of those lie that are seen in tiles. */
  readonly frames: WeakMap<Uint8Array, Frame> = new WeakMap();
  /** When it was asked for last, in milliseconds. */
  usedAt: number;
  /** Whether good images are being learned. */
  isLearning = false;
  readonly #units: Units;
  #isDropped = false;
  #learned: LearnedMemory | undefined;

  /**
   * Constructs a profile without images.
   *
   * @param wish What the client wants.
   * @param units Its bytes.
   * @param now The time.
   */
  constructor(wish: ProfileWish, units: Units, now: number) {
    this.wish = wish;
    this.usedAt = now;
    this.#units = units;
  }

  /** What was learned; undefined while there are too few good images. */
  get learned(): LearnedMemory | undefined {
    return this.#learned;
  }

  /** Replaces what was learned. */
  set learned(learned: LearnedMemory | undefined) {
    this.#learned?.retire();
    this.#learned = learned;
  }

  /** Whether it was dropped, maybe while good images are being learned. */
  get isDropped(): boolean {
    return this.#isDropped;
  }

  /**
   * Says how many bytes it takes.
   *
   * @returns Whether there is room for them, and the profile is still there.
   */
  holds(bytes: number): boolean {
    return !this.#isDropped && this.#units.grow(bytes);
  }

  /** Frees all of it. */
  drop(): void {
    this.#isDropped = true;
    this.learned = undefined;
    this.pixels.length = 0;
    this.#units[Symbol.dispose]();
  }
}

/** Profiles by id, bounded in number, bytes and time. */
export class ProfileStore {
  readonly #limits: ProfileLimits;
  readonly #now: () => number;
  readonly #bytes: Semaphore;
  readonly #profiles = new Map<string, ClientProfile>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * Constructs an empty store.
   *
   * @param limits Bounds.
   * @param now Tells the time in milliseconds.
   */
  constructor(limits: ProfileLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
    this.#bytes = new Semaphore(limits.profileBytes);
  }

  /** How many there are. */
  get size(): number {
    return this.#profiles.size;
  }

  /** Bytes that they take. */
  get bytes(): number {
    return this.#bytes.taken;
  }

  /**
   * Makes room for a profile.
   *
   * @throws {HTTPException} 429 if there are too many that are in use.
   */
  create(wish: ProfileWish): ClientProfile {
    this.#dropExpired();
    if (this.#profiles.size >= this.#limits.profiles) this.#dropResting();
    const units = this.#bytes.tryAcquire(0);
    if (this.#profiles.size >= this.#limits.profiles || !units) {
      throw refusal(
        429,
        `Cannot make a profile as there must be at most ${this.#limits.profiles} in use: delete one`,
      );
    }
    const profile = new ClientProfile(wish, units, this.#now());
    this.#profiles.set(profile.id, profile);
    this.#watch();
    return profile;
  }

  /** A profile, which is kept for as long again; undefined if it is not there. */
  find(id: string): ClientProfile | undefined {
    this.#dropExpired();
    const profile = this.#profiles.get(id);
    if (profile !== undefined) profile.usedAt = this.#now();
    return profile;
  }

  /** When a profile is dropped if nobody asks for it. */
  expires({ usedAt }: ClientProfile): Date {
    return new Date(usedAt + this.#limits.profileMilliseconds);
  }

  /** Drops a profile. */
  delete(profile: ClientProfile): void {
    this.#profiles.delete(profile.id);
    profile.drop();
  }

  /** Drops all. */
  close(): void {
    clearTimeout(this.#timer);
    for (const profile of this.#profiles.values()) this.delete(profile);
  }

  /** Drops those that nobody has asked for in their time. */
  #dropExpired(): void {
    const { profileMilliseconds } = this.#limits;
    const end = this.#now() - profileMilliseconds;
    for (const profile of this.#profiles.values()) {
      if (profile.usedAt <= end && !profile.isLearning) this.delete(profile);
    }
  }

  /** Drops the one that has rested for longest, if that is long enough. */
  #dropResting(): void {
    const idle = [...this.#profiles.values()]
      .filter(({ isLearning }) => !isLearning)
      .sort((a, b) => a.usedAt - b.usedAt)[0];
    const { profileRestMilliseconds } = this.#limits;
    if (idle && idle.usedAt <= this.#now() - profileRestMilliseconds) {
      this.delete(idle);
    }
  }

  /** Memory is given back even where no request comes. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#dropExpired();
      if (this.#profiles.size > 0) this.#watch();
    }, this.#limits.profileMilliseconds);
    this.#timer.unref();
  }
}
