/**
 * The methods that there are, as `table.ts` lists them.
 *
 * @module
 */
import type { Method } from "./method.ts";
import * as table from "./table.ts";

/** Names of the methods, as on the command line. */
export type MethodName = (typeof table)[keyof typeof table]["name"];

/** The paper's method stands where a model names none. */
const { MFP_CLIP: paper, ...others } = table;

/** Every method. The first one is the default. */
export const METHODS: readonly [Method<MethodName>, ...Method<MethodName>[]] = [
  paper,
  ...Object.values(others),
];

/** Names of the methods, as on the command line. */
export const METHOD_NAMES: readonly MethodName[] = METHODS.map(({ name }) =>
  name
);
