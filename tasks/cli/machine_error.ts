/**
 * Errors of the operating system that a user can put right, as one sentence.
 * All others are defects of the program, and are shown with their stack.
 *
 * @module
 */

/** What stderr says, and whether the command line is at fault. */
export interface MachineError {
  /** One sentence. */
  readonly message: string;
  /** Whether a flag names a place that cannot be used. */
  readonly isUsage: boolean;
}

/** The path in `Permission denied (os error 13): mkdir '/x'`. */
function placeIn(message: string): string {
  return /'([^']+)'$/.exec(message)?.[1] ?? "a file";
}

/** A file is written under a name of its own, in the folder it is for. */
const TEMPORARY = /[\\/]\.[0-9a-f-]{36}\.part$/;

/** A place that was there when the run began, or that a flag names. */
function missing(message: string): MachineError | undefined {
  // Without a place, it is a defect.
  if (!/'[^']+'$/.test(message)) return undefined;
  const place = placeIn(message).replace(TEMPORARY, "");
  return {
    message: `Cannot use ${place} as it must be there: it is not, or was ` +
      "removed meanwhile",
    isUsage: false,
  };
}

/** Deno's own refusals: `Requires write access to "/x", run again with ...`. */
function notCapable(message: string): MachineError {
  const [, kind, place] = /^Requires (\w+) access to "([^"]*)"/.exec(message) ??
    [];
  if (kind === "all") {
    return {
      message: `Cannot use ${place} as it must lie outside of /dev, /proc, ` +
        "/sys and other places that Deno keeps programs out of",
      isUsage: true,
    };
  }
  const permission = kind === undefined ? message : `${kind} ${place}`;
  return {
    message: `Cannot go on as Deno's permission is missing: ${permission}. ` +
      "The tasks of deno.json have the permissions that they need",
    isUsage: false,
  };
}

/**
 * Reads an error of the operating system.
 *
 * @returns What to say; `undefined` where the error is a defect.
 */
export function machineError(error: unknown): MachineError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  if (error instanceof Deno.errors.NotCapable) return notCapable(message);
  switch ("code" in error ? error.code : undefined) {
    case "EACCES":
    case "EPERM":
      return {
        message: `Cannot use ${placeIn(message)} as this user may not`,
        isUsage: false,
      };
    case "ENOENT":
      return missing(message);
    case "ELOOP":
      return {
        message: `Cannot use ${placeIn(message)} as its links must lead ` +
          "somewhere: they lead in a circle",
        isUsage: true,
      };
    case "EEXIST":
    case "ENOTDIR":
      // Any other function that fails so was called wrongly.
      if (!message.includes(": mkdir '")) return undefined;
      return {
        message: `Cannot make the folder ${placeIn(message)} as a file has ` +
          "its name, or that of a folder above",
        isUsage: true,
      };
    case "EMFILE":
    case "ENFILE":
      return {
        message: "Cannot go on as too many files are open: raise the limit, " +
          "such as by ulimit -n 4096",
        isUsage: false,
      };
    default:
      return undefined;
  }
}
