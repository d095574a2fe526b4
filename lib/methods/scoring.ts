/**
 * How a model scores images, in words.
 *
 * @module
 */
import type { Architecture } from "./architecture.ts";

/**
 * How a model scores images.
 *
 * @param isGood Whether images are compared with good ones.
 */
export function scoringOf(
  { method, scoreRule, goodImages }: Architecture,
  isGood: boolean,
): { readonly method: string; readonly score_rule: string } {
  const good = isGood ? goodImages?.scoreRule : undefined;
  return { method: method.title, score_rule: good ?? scoreRule };
}
