/**
 * The error of a port that cannot be opened.
 *
 * @module
 */

/** Why a port cannot be opened. */
export type ListenFailure =
  /** The machine has no such address, or this user may not use the port. */
  | "address"
  /** Another program has the port; it may be free later. */
  | "taken";

/** Thrown when a server cannot listen. */
export class ListenError extends Error {
  /** Its name. */
  override name = "ListenError";
  /** Why. */
  readonly failure: ListenFailure;

  /** Constructs an error from a sentence and the kind of failure. */
  constructor(message: string, failure: ListenFailure, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** By Node's code, why an address is not one of this machine. */
const ADDRESS_FAULTS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: "the host must be an address of this machine",
  EINVAL: "the host must be an address of this machine",
  ERR_INVALID_HOST: "the host must be a name or an address",
  EACCES: "this user may not open the port",
  ENOTFOUND: "the host must be a name that can be resolved",
  EAI_AGAIN: "the host must be a name that can be resolved",
};

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/**
 * Turns an error of opening a port into a {@linkcode ListenError}.
 *
 * @param place Host and port, for the sentence.
 * @returns The error to throw; as it was where it is a defect.
 */
export function listenError(error: unknown, place: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error) ?? "";
  if (code === "EADDRINUSE") {
    const message = `Cannot listen at ${place} as another program has the port`;
    return new ListenError(message, "taken", { cause: error });
  }
  const fault = ADDRESS_FAULTS[code];
  return fault === undefined
    ? error
    : new ListenError(`Cannot listen at ${place} as ${fault}`, "address", {
      cause: error,
    });
}
