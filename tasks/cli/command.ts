/**
 * A verb of the command line, and how one is run.
 *
 * @module
 */
import { EXIT, runToExit } from "./exit.ts";
import { type FlagTable, type FlagValues, parseFlags } from "./flags.ts";
import { columns, flagHelp } from "./help.ts";
import { nearest } from "../../lib/nearest.ts";
import { UsageError } from "./usage_error.ts";

/** What a verb is given to run with. */
export interface Invocation<T extends FlagTable> {
  /** The value of each flag. */
  readonly flags: FlagValues<T>;
  /** The texts that {@linkcode CommandSpec.positionals} name. */
  readonly positionals: readonly string[];
  /** Aborted when the process must stop. */
  readonly signal: AbortSignal;
}

/** How a verb is described. */
export interface CommandSpec<T extends FlagTable> {
  /**
   * Names of the texts that must follow the verb. A last one with `...` stands
   * for any number of them, none included.
   */
  readonly positionals?: readonly string[];
  /** Its flags. */
  readonly flags: T;
  /** Does the work; resolves to the exit code. */
  run(invocation: Invocation<T>): Promise<number>;
}

/** A verb, ready to run. */
export interface Command {
  /** The flags and texts that it takes, for `--help`. */
  help(verb: string): string;
  /**
   * Reads the command line, runs and resolves to the exit code. Errors are
   * printed, not thrown.
   */
  main(verb: string, args: readonly string[]): Promise<number>;
}

/** One line of `main.ts --help`, and how the verb is loaded. */
export interface Verb {
  /** What the verb does. */
  readonly summary: string;
  /** Loads its module, whose `command` is run. */
  load(): Promise<{ readonly command: Command }>;
  /**
   * Starts what the verb needs while its module is loaded. What it returns is
   * disposed of when the verb has ended.
   */
  prepare?(): AsyncDisposable;
}

/** Verb -> what it does. */
export type VerbTable = Readonly<Record<string, Verb>>;

function checkPositionals(wanted: readonly string[], given: readonly string[]) {
  const isOpen = wanted.at(-1)?.endsWith("...") ?? false;
  const missing = wanted[given.length];
  if (missing !== undefined && !missing.endsWith("...")) {
    throw new UsageError(`Cannot start as ${missing} must be given`);
  }
  const empty = given.indexOf("");
  if (empty !== -1) {
    const name = (wanted[empty] ?? wanted.at(-1))?.replace("...", "");
    throw new UsageError(`Cannot start as ${name ?? "a text"} must not be ""`);
  }
  if (!isOpen && given.length > wanted.length) {
    throw new UsageError(
      `Cannot use "${given[wanted.length]}" as it belongs to no flag`,
    );
  }
}

/**
 * Makes a verb of its description.
 *
 * @param spec Flags, texts and the work.
 * @returns The verb.
 */
export function defineCommand<const T extends FlagTable>(
  spec: CommandSpec<T>,
): Command {
  const wanted = spec.positionals ?? [];
  return {
    help(verb) {
      const usage = ["Usage: deno task", verb, ...wanted, "[flags]"].join(" ");
      return `${usage}\n\n${flagHelp(spec.flags)}`;
    },
    async main(verb, args) {
      let parsed;
      try {
        parsed = parseFlags(spec.flags, args);
        checkPositionals(wanted, parsed.positionals);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        console.error(error.message);
        console.error(`Run "deno task ${verb} --help" for its flags`);
        return EXIT.usage;
      }
      const { flags, positionals } = parsed;
      return await runToExit((signal) =>
        spec.run({ flags, positionals, signal })
      );
    },
  };
}

function verbHelp(verbs: VerbTable): string {
  const rows = Object.entries(verbs).map(([name, { summary }]) =>
    [name, summary] as const
  );
  return `Usage: deno task VERB [flags]\n\n${columns(rows)}\n\n` +
    `Run "deno task VERB --help" for the flags of a verb. In the container, ` +
    `the verb follows the name of the image.`;
}

/**
 * Runs the verb that a command line names.
 *
 * @param verbs The verbs.
 * @param args The command line.
 * @param version What `--version` prints.
 * @returns The exit code.
 */
export async function dispatch(
  verbs: VerbTable,
  args: readonly string[],
  version = "",
): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--version") {
    console.log(version);
    return EXIT.done;
  }
  if (name === "--help" || name === "-h" || name === undefined) {
    const print = name === undefined ? console.error : console.log;
    print(verbHelp(verbs));
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb === undefined) {
    const guess = nearest(name, Object.keys(verbs));
    console.error(
      `Cannot run "${name}" as there is no such verb: ` +
        (guess === undefined
          ? `there are ${Object.keys(verbs).join(", ")}`
          : `did you mean ${guess}`),
    );
    return EXIT.usage;
  }
  const asksHelp = rest.includes("--help") || rest.includes("-h");
  await using _ = asksHelp ? undefined : verb.prepare?.();
  const { command } = await verb.load();
  if (asksHelp) {
    console.log(`${verb.summary}\n\n${command.help(name)}`);
    return EXIT.done;
  }
  return await command.main(name, rest);
}
