/**
 * Scoring by a profile that a client made.
 *
 * @module
 */
import { LEAST_GOOD } from "../../references/product_profile.ts";
import { failed, type FailedOutcome } from "../outcome.ts";
import type { LearnedMemory } from "./learned_memory.ts";
import type { ProfileStore } from "./profile_store.ts";

/** A profile in use until the block ends. */
export interface ProfileInUse extends Disposable {
  /** What its product is called. */
  readonly category: string;
  /** What was learned of it. */
  readonly learned: LearnedMemory;
}

/** What a request says of its image. */
export interface NamedProfile {
  /** The id of the profile. */
  readonly id: string;
  /** What the product is called, if the request says it. */
  readonly category: string | undefined;
}

/**
 * Finds the profile that a request names.
 *
 * @param profiles The profiles there are.
 * @param named What the request says.
 * @returns The profile, or why there is none.
 */
export function useProfile(
  profiles: Pick<ProfileStore, "find">,
  { id, category }: NamedProfile,
): ProfileInUse | FailedOutcome {
  const found = profiles.find(id);
  if (found === undefined) {
    return failed(
      "not_found",
      "Cannot score the image as its profile must be there: it may have been " +
        "dropped, because nobody used it for long",
    );
  }
  const { learned, pixels, wish } = found;
  if (learned === undefined) {
    return failed(
      "invalid_request",
      `Cannot score the image as its profile must have at least ${LEAST_GOOD} good images: current value is ${pixels.length}`,
    );
  }
  if (category !== undefined && category !== wish.category) {
    return failed(
      "invalid_request",
      `Cannot score the image as its category must be that of its profile, ${
        JSON.stringify(wish.category)
      }: current value is ${JSON.stringify(category)}`,
    );
  }
  const lease = learned.use();
  return {
    category: wish.category,
    learned,
    [Symbol.dispose]: () => lease[Symbol.dispose](),
  };
}
