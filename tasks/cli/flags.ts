/**
 * A declarative table of flags, and the values read from it.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { nearest } from "../../lib/nearest.ts";
import { UsageError } from "./usage_error.ts";

interface Described {
  /** One sentence for `--help`, without a period. */
  readonly help: string;
  /**
   * Other flags without which it has no effect, as `eval` or `engine=tfjs`; one
   * of them is enough. Tables without those flags do not ask for them.
   */
  readonly needs?: readonly string[];
  /** The only flags that may stand beside it. */
  readonly allows?: readonly string[];
  /** What other programs call it. */
  readonly also?: readonly string[];
}

/** `--json`: present or not. */
export interface SwitchFlag extends Described {
  readonly kind: "switch";
}

/** `--model DIR`: any text that is not empty. */
export interface TextFlag extends Described {
  readonly kind: "text";
  /** Placeholder in `--help`, such as `NAME|DIR`. */
  readonly value: string;
  readonly default?: string;
}

/** `--model A --model B`: texts, one for each time the flag is given. */
export interface TextsFlag extends Described {
  readonly kind: "texts";
  /** Placeholder in `--help`, such as `NAME|DIR`. */
  readonly value: string;
  readonly default: readonly string[];
}

/** `--category A,B`: texts separated by commas. */
export interface ListFlag extends Described {
  readonly kind: "list";
  /** Placeholder in `--help`, such as `A,B`. */
  readonly value: string;
}

/** `--limit 10`: a number within bounds, both included. */
export interface NumberFlag extends Described {
  readonly kind: "integer" | "number";
  readonly min: number;
  readonly max?: number;
  readonly default?: number;
}

/** `--maps npy`: one of several words. */
export interface ChoiceFlag extends Described {
  readonly kind: "choice";
  readonly choices: readonly string[];
  readonly default?: string;
}

/** `--heat-range 0,1`: two numbers, the first below the second. */
export interface RangeFlag extends Described {
  readonly kind: "range";
  readonly default: readonly [number, number];
}

/** Any one flag. */
export type Flag =
  | SwitchFlag
  | TextFlag
  | TextsFlag
  | ListFlag
  | NumberFlag
  | ChoiceFlag
  | RangeFlag;

/** Flag name without the dashes -> what it takes. */
export type FlagTable = Readonly<Record<string, Flag>>;

type Read<F extends Flag> = F extends SwitchFlag ? boolean
  : F extends ListFlag | TextsFlag ? readonly string[]
  : F extends NumberFlag ? number
  : F extends ChoiceFlag ? F["choices"][number]
  : F extends RangeFlag ? readonly [number, number]
  : string;

/** What a flag's value reads as; undefined where it has no default. */
export type FlagValue<F extends Flag> = F extends SwitchFlag ? boolean
  : F extends { readonly default: unknown } ? Read<F>
  : Read<F> | undefined;

/** The value of each flag of a table. */
export type FlagValues<T extends FlagTable> = {
  readonly [K in keyof T]: FlagValue<T[K]>;
};

/** What a command line holds. */
export interface ParsedFlags<T extends FlagTable> {
  /** The value of each flag. */
  readonly flags: FlagValues<T>;
  /** What is no flag, in order. */
  readonly positionals: readonly string[];
}

function parseNumber(name: string, flag: NumberFlag, text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  const { min, max = Infinity } = flag;
  const wanted = flag.kind === "integer" ? "a whole number" : "a number";
  const bounds = max === Infinity
    ? `of at least ${min}`
    : `from ${min} to ${max}`;
  const fits = flag.kind === "integer"
    ? Number.isSafeInteger(value)
    : Number.isFinite(value);
  if (!fits || value < min || value > max) {
    throw new UsageError(
      `Cannot read --${name} as it must be ${wanted} ${bounds}: current value is "${text}"`,
    );
  }
  return value;
}

/**
 * Reads two numbers.
 *
 * @param name The flag, without the dashes.
 * @param text Its value.
 * @throws {UsageError} If they are not two rising numbers.
 */
export function parseRange(
  name: string,
  text: string,
): readonly [number, number] {
  const [low = NaN, high = NaN, ...rest] = text.split(",").map((part) =>
    part.trim() === "" ? NaN : Number(part)
  );
  const finite = Number.isFinite(low) && Number.isFinite(high);
  if (!finite || rest.length > 0 || low >= high) {
    throw new UsageError(
      `Cannot read --${name} as it must be two rising numbers such as 0,1: current value is "${text}"`,
    );
  }
  return [low, high];
}

function parseChoice(name: string, flag: ChoiceFlag, text: string): string {
  if (!flag.choices.includes(text)) {
    throw new UsageError(
      `Cannot read --${name} as it must be one of ${
        flag.choices.join(", ")
      }: current value is "${text}"`,
    );
  }
  return text;
}

function parseList(name: string, text: string): readonly string[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.includes("")) {
    throw new UsageError(
      `Cannot read --${name} as it must be names separated by commas: current value is "${text}"`,
    );
  }
  return parts;
}

function parseValue(name: string, flag: Flag, text: string): unknown {
  switch (flag.kind) {
    case "integer":
    case "number":
      return parseNumber(name, flag, text);
    case "range":
      return parseRange(name, text);
    case "choice":
      return parseChoice(name, flag, text);
    case "list":
      return parseList(name, text);
    default:
      return text;
  }
}

/** The text that follows a flag, or undefined where none does. */
function textAfter(token: OptionToken): string | undefined {
  const { value, inlineValue } = token;
  if (value === undefined || value === "") return undefined;
  return !inlineValue && value.startsWith("--") ? undefined : value;
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/** The flag that was meant: another word for it, its start, or misspelt. */
function guessFlag(table: FlagTable, name: string): string | undefined {
  const names = Object.keys(table);
  return names.find((flag) => table[flag]?.also?.includes(name)) ??
    names.find((flag) => flag.startsWith(`${name}-`)) ?? nearest(name, names);
}

function readToken(table: FlagTable, token: OptionToken): unknown {
  const { name, rawName } = token;
  const flag = Object.hasOwn(table, name) ? table[name] : undefined;
  if (flag === undefined || rawName !== `--${name}`) {
    const guess = guessFlag(table, name);
    throw new UsageError(
      `Cannot use ${rawName} as there is no such flag` +
        (guess === undefined ? "" : `: did you mean --${guess}`),
    );
  }
  if (flag.kind === "switch") {
    if (token.value === undefined) return true;
    throw new UsageError(
      `Cannot read --${name} as it must have no value: current value is "${token.value}"`,
    );
  }
  const text = textAfter(token);
  if (text === undefined) {
    throw new UsageError(`Cannot read --${name} as it must have a value`);
  }
  return parseValue(name, flag, text);
}

/** `engine=tfjs` holds where --engine is tfjs, `eval` where --eval is given. */
function holds(need: string, values: Record<string, unknown>): boolean {
  const [name = "", wanted] = need.split("=");
  const value = values[name];
  if (wanted !== undefined) return value === wanted;
  return value !== undefined && value !== false;
}

function withDashes(names: readonly string[], last: string): string {
  const texts = names.map((name) => `--${name.replace("=", " ")}`);
  return texts.join(", ").replace(/, ([^,]*)$/, ` ${last} $1`);
}

/** Refuses a flag that would be ignored. */
function assertEffective(
  table: FlagTable,
  values: Record<string, unknown>,
  given: ReadonlySet<string>,
): void {
  for (const name of given) {
    const needs = table[name]?.needs?.filter((need) =>
      Object.hasOwn(table, need.split("=")[0]!)
    ) ?? [];
    if (
      needs.length > 0 && !needs.some((need) =>
        holds(need, values)
      )
    ) {
      throw new UsageError(
        `Cannot use --${name} as it has no effect without ` +
          withDashes(needs, "or"),
      );
    }
    const allows = table[name]?.allows;
    const other = allows &&
      [...given].find((flag) => flag !== name && !allows.includes(flag));
    if (other !== undefined) {
      throw new UsageError(
        `Cannot use --${other} as --${name} allows only ` +
          `${withDashes(allows!, "and")} beside it`,
      );
    }
  }
}

/**
 * Reads a command line against a table. The last of repeated flags
 * wins, but for those that take texts.
 *
 * @param table The flags there are.
 * @param args The command line, without the verb.
 * @returns The value of each flag, and what is no flag.
 * @throws {UsageError} If a flag is unknown, would be ignored, or its value
 * cannot be read.
 */
export function parseFlags<const T extends FlagTable>(
  table: T,
  args: readonly string[],
): ParsedFlags<T> {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { kind }]) => [
      name,
      { type: kind === "switch" ? "boolean" as const : "string" as const },
    ]),
  );
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
  });
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(table)) {
    if (flag.kind === "switch") values[name] = false;
    else values[name] = "default" in flag ? flag.default : undefined;
  }
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name } = token;
    const value = readToken(table, token);
    const isMore = table[name]?.kind === "texts";
    if (!isMore) values[name] = value;
    else if (given.has(name)) values[name] = [values[name], value].flat();
    else values[name] = [value];
    given.add(name);
  }
  assertEffective(table, values, given);
  return { flags: values as FlagValues<T>, positionals };
}
