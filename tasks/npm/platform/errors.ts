/**
 * Errors of the operating system as classes, which Deno has and Node.js has
 * not.
 *
 * @module
 */

/** An error of the operating system. */
export class SystemError extends Error {
  /** What the operating system calls it, such as `ENOENT`. */
  code?: string;

  /** Constructs an error with the name of its class. */
  constructor(message?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** There is no such file. */
export class NotFound extends SystemError {}
/** There is one already. */
export class AlreadyExists extends SystemError {}
/** The user may not do this. */
export class PermissionDenied extends SystemError {}
/** The program may not do this; only Deno throws it. */
export class NotCapable extends SystemError {}
/** A folder was expected. */
export class NotADirectory extends SystemError {}
/** A file was expected. */
export class IsADirectory extends SystemError {}
/** Links lead in a circle. */
export class FilesystemLoop extends SystemError {}
/** The system has no such function. */
export class NotSupported extends SystemError {}
/** A file became shorter. */
export class UnexpectedEof extends SystemError {}

const CLASSES: ReadonlyMap<unknown, typeof SystemError> = new Map([
  ["ENOENT", NotFound],
  ["EEXIST", AlreadyExists],
  ["EACCES", PermissionDenied],
  ["EPERM", PermissionDenied],
  ["ENOTDIR", NotADirectory],
  ["EISDIR", IsADirectory],
  ["ELOOP", FilesystemLoop],
]);

/** An error with its class, where there is one for its code. */
function classified(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const Class = CLASSES.get(error.code);
  if (Class === undefined) return error;
  const { message, code } = error;
  return Object.assign(new Class(message, { cause: error }), { code });
}

/** Waits for work of Node.js, and gives its errors their classes. */
export async function withClasses<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw classified(error);
  }
}
