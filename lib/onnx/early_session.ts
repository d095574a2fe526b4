/**
 * A session whose worker starts before the code that will use it is loaded.
 *
 * @module
 */
import { OnnxSession } from "./session.ts";

let early: OnnxSession | undefined;

/** The session that was started early, if nobody has it, or a new one. */
export function takeSession(): OnnxSession {
  const session = early ?? OnnxSession.start();
  early = undefined;
  return session;
}

/**
 * Starts a session, which loads onnxruntime meanwhile. The first one who calls
 * {@linkcode takeSession} has it.
 *
 * @returns Closes the session at the end, if nobody has it.
 */
export function startSessionEarly(): AsyncDisposable {
  early ??= OnnxSession.start();
  return {
    async [Symbol.asyncDispose]() {
      const session = early;
      early = undefined;
      await session?.close();
    },
  };
}
