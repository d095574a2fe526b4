/**
 * Reads the fields of a configuration and collects what is wrong with them.
 *
 * @module
 */
import { shownJson } from "../files/shown_json.ts";
import { isJsonObject, type JsonObject } from "./json_file.ts";

/** What {@linkcode Fields.integer} accepts. */
export interface IntegerOptions<T> {
  /** Value where the key is absent or null. */
  readonly fallback: T;
  /**
   * Smallest value allowed.
   *
   * @default {1}
   */
  readonly min?: number;
}

/**
 * The fields of one JSON object. A bad value is noted as a problem and
 * replaced by its fallback, so that one pass finds all problems.
 */
export class Fields {
  #object: JsonObject;
  #prefix: string;
  #problems: string[];

  /**
   * @param options.prefix Put before each key in messages.
   * @param options.problems The list to add to, shared by several objects.
   */
  constructor(
    object: JsonObject,
    options: { readonly prefix?: string; readonly problems?: string[] } = {},
  ) {
    this.#object = object;
    this.#prefix = options.prefix ?? "";
    this.#problems = options.problems ?? [];
  }

  /** What is wrong so far, each as "KEY must ...: current value is ...". */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Adds the problem that the value of one key is not what is wanted. */
  addProblem(key: string, wanted: string, value: unknown): void {
    this.#problems.push(
      `${this.#prefix}${key} must be ${wanted}: ` +
        `current value is ${shownJson(value)}`,
    );
  }

  #read<T>(
    key: string,
    field: {
      readonly fallback: T;
      readonly wanted: string;
      readonly accepts: (value: unknown) => boolean;
    },
  ): T {
    const value = this.#object[key] ?? undefined;
    if (value === undefined) return field.fallback;
    if (field.accepts(value)) return value as T;
    this.addProblem(key, field.wanted, value);
    return field.fallback;
  }

  /** Reads a whole number. */
  integer<T>(
    key: string,
    { fallback, min = 1 }: IntegerOptions<T>,
  ): number | T {
    return this.#read<number | T>(key, {
      fallback,
      wanted: `an integer of at least ${min}`,
      accepts: (value) =>
        Number.isSafeInteger(value) && (value as number) >= min,
    });
  }

  /** Reads a finite number of at least 0. */
  number<T>(key: string, fallback: T): number | T {
    return this.#read<number | T>(key, {
      fallback,
      wanted: "a number of at least 0",
      accepts: (value) => Number.isFinite(value) && (value as number) >= 0,
    });
  }

  /** Reads a finite number of at least 0, or null, which then is a value. */
  numberOrNull(key: string, fallback: number | null): number | null {
    return this.#object[key] === null ? null : this.number(key, fallback);
  }

  /** Reads true or false. */
  boolean(key: string, fallback: boolean): boolean {
    return this.#read(key, {
      fallback,
      wanted: "true or false",
      accepts: (value) => typeof value === "boolean",
    });
  }

  /** Reads a text that says something. */
  text(key: string, fallback: string): string {
    return this.#read(key, {
      fallback,
      wanted: "a text that is not empty",
      accepts: (value) => typeof value === "string" && value.trim() !== "",
    });
  }

  /** Reads one of several words. */
  word<T extends string>(
    key: string,
    options: { readonly fallback: T; readonly words: readonly T[] },
  ): T {
    const { fallback, words } = options;
    return this.#read(key, {
      fallback,
      wanted: words.map((word) => `"${word}"`).join(" or "),
      accepts: (value) => words.some((word) => word === value),
    });
  }

  /** Reads a list of whole numbers of at least 1, in any order. */
  integers(key: string, fallback: readonly number[]): readonly number[] {
    return this.#read(key, {
      fallback,
      wanted: "a list of integers of at least 1",
      accepts: (value) =>
        Array.isArray(value) && value.length > 0 &&
        value.every((item) => Number.isSafeInteger(item) && item >= 1),
    });
  }

  /** Reads a list of whole numbers of at least 1 that rise. */
  risingIntegers(
    key: string,
    fallback: readonly number[],
  ): readonly number[] {
    return this.#read(key, {
      fallback,
      wanted: "a list of rising integers of at least 1",
      accepts: (value) =>
        Array.isArray(value) && value.length > 0 &&
        value.every((item, i) =>
          Number.isSafeInteger(item) && item >= 1 &&
          (i === 0 || item > value[i - 1])
        ),
    });
  }

  /** Reads an object whose fields add to the same list of problems. */
  nested(key: string): Fields {
    const object = this.#read<JsonObject>(key, {
      fallback: {},
      wanted: "an object",
      accepts: isJsonObject,
    });
    return new Fields(object, {
      prefix: `${this.#prefix}${key}.`,
      problems: this.#problems,
    });
  }
}
