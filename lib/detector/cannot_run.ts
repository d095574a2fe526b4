/**
 * Faults of sessions in the words of users.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import { type Provider, SessionError } from "../onnx/session.ts";

/** Throws what a session did not accept as the fault of model or provider. */
export function cannotRun(
  path: string,
  provider: Provider,
  error: unknown,
): never {
  if (!(error instanceof SessionError)) throw error;
  const message = `Cannot run ${path} on ${provider}: ${error.message}`;
  throw new ModelError(message, { cause: error });
}
