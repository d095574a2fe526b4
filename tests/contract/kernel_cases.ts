/**
 * What every engine must compute. A primitive without a case is a type error.
 *
 * @module
 */
import type { Primitive } from "../../lib/graph/primitives.ts";
import { BINARY_CASES } from "./cases/binary_cases.ts";
import { CAST_CASES, SELECT_CASES } from "./cases/choice_cases.ts";
import { CONTRACTION_CASES } from "./cases/contraction_cases.ts";
import { COTANGENT_CASES } from "./cases/cotangent_cases.ts";
import { LEAF_CASES } from "./cases/leaf_cases.ts";
import { MOVEMENT_CASES } from "./cases/movement_cases.ts";
import { REDUCTION_CASES } from "./cases/reduction_cases.ts";
import { UNARY_CASES } from "./cases/unary_cases.ts";
import type { KernelCases } from "./kernel_case.ts";

/** The cases of each primitive. */
export const KERNEL_CASES: Readonly<Record<Primitive, KernelCases>> = {
  ...LEAF_CASES,
  ...UNARY_CASES,
  ...BINARY_CASES,
  ...SELECT_CASES,
  ...CAST_CASES,
  ...CONTRACTION_CASES,
  ...COTANGENT_CASES,
  ...REDUCTION_CASES,
  ...MOVEMENT_CASES,
};
