/**
 * A few patches such that each of many has one nearby.
 *
 * @module
 */
import { inSteps } from "../async/in_steps.ts";

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2;
  return sum;
}

/** The number with the largest distance. */
function farthestOf(distances: Float64Array): number {
  let farthest = 0;
  for (let j = 1; j < distances.length; j++) {
    if (distances[j]! > distances[farthest]!) farthest = j;
  }
  return farthest;
}

/** The distance of a candidate that is not chosen: nearer than any. */
const BARRED = -1;

/**
 * Chooses patches as PatchCore does (Roth et al. 2022, algorithm 1): each choice
 * is the candidate that is farthest from all chosen ones.
 *
 * It remembers how near each candidate is to the chosen ones without those of
 * any single image, so that an image can be left out of the choice afterwards.
 *
 * Choosing lets other work in: thousands of patches take half a minute, in which
 * a server must answer.
 */
export class Coreset {
  readonly #rows: readonly Float32Array[]; // N times [F]
  readonly #owners: Uint32Array; // [N]
  /** To the nearest chosen one, and whose it is. */
  readonly #nearest: Float64Array; // [N]
  readonly #nearestOwners: Int32Array; // [N]
  /** To the nearest chosen one of any other image. */
  readonly #second: Float64Array; // [N]
  #chosen: Uint32Array = new Uint32Array();

  /**
   * @param rows Features of the candidates.
   * @param owners Numbers of the images they are of.
   */
  constructor(rows: readonly Float32Array[], owners: Uint32Array) {
    this.#rows = rows;
    this.#owners = owners;
    this.#nearest = new Float64Array(rows.length).fill(Infinity);
    this.#nearestOwners = new Int32Array(rows.length).fill(-1);
    this.#second = new Float64Array(rows.length).fill(Infinity);
  }

  /**
   * Chooses from the first candidate on.
   *
   * @param count At most the number of candidates.
   * @returns Numbers of the chosen ones, in order.
   */
  async choose(count: number): Promise<Uint32Array> {
    return await inSteps(this.#choosing(count));
  }

  *#choosing(count: number): Generator<void, Uint32Array> {
    const chosen = new Uint32Array(count);
    const isAll = count === this.#rows.length;
    for (let i = 0; i < count; i++) {
      if (isAll) {
        chosen[i] = i;
        continue;
      }
      if (i > 0) chosen[i] = farthestOf(this.#nearest);
      this.#see(chosen[i]!);
      yield;
    }
    return this.#chosen = chosen.sort();
  }

  /**
   * Candidates of other images in place of the chosen ones of an image, as they
   * would have been chosen had the image not been there.
   *
   * @param owner Number of the image.
   * @returns As many as it has chosen ones, if there are as many; their numbers.
   */
  async sparesFor(owner: number): Promise<Uint32Array> {
    return await inSteps(this.#sparing(owner));
  }

  *#sparing(owner: number): Generator<void, Uint32Array> {
    const distances = this.#distancesWithout(owner);
    const free = distances.filter((distance) => distance !== BARRED).length;
    const lost = this.#chosen.filter((index) => this.#owners[index] === owner);
    const spares = new Uint32Array(Math.min(lost.length, free));
    for (let i = 0; i < spares.length; i++) {
      const spare = spares[i] = farthestOf(distances);
      const row = this.#rows[spare]!;
      for (let j = 0; j < distances.length; j++) {
        if (distances[j]! <= 0) continue;
        const distance = squaredDistance(this.#rows[j]!, row);
        if (distance < distances[j]!) distances[j] = distance;
      }
      distances[spare] = BARRED;
      yield;
    }
    return spares;
  }

  /** How near each candidate that may be a spare is to those of other images. */
  #distancesWithout(owner: number): Float64Array {
    const distances = this.#nearest.map((distance, j) => {
      if (this.#owners[j] === owner) return BARRED;
      return this.#nearestOwners[j] === owner ? this.#second[j]! : distance;
    });
    for (const index of this.#chosen) distances[index] = BARRED;
    return distances;
  }

  /** Remembers how near each candidate is to a chosen one. */
  #see(chosen: number): void {
    const [row, owner] = [this.#rows[chosen]!, this.#owners[chosen]!];
    for (let j = 0; j < this.#rows.length; j++) {
      const distance = squaredDistance(this.#rows[j]!, row);
      if (distance < this.#nearest[j]!) {
        if (this.#nearestOwners[j] !== owner) {
          this.#second[j] = this.#nearest[j]!;
        }
        this.#nearest[j] = distance;
        this.#nearestOwners[j] = owner;
      } else if (
        this.#nearestOwners[j] !== owner && distance < this.#second[j]!
      ) {
        this.#second[j] = distance;
      }
    }
  }
}
