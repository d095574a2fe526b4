/**
 * What tests of platforms share: images as text, and results in short.
 *
 * @module
 */
import { png } from "./_server.ts";

/** A flat PNG in base64. */
export async function b64(brightness: number): Promise<string> {
  return (await png(brightness)).toBase64();
}

/** What is sure about results, whatever the times. */
export function shortOf(
  results: readonly { status: string; score?: number; reason?: string }[],
): (string | number | undefined)[][] {
  return results.map(({ status, score, reason }) => [status, score ?? reason]);
}
