/**
 * How much memory there is.
 *
 * @module
 */
import process from "node:process";

/**
 * Memory that may be used: what the limits of a container leave is less than
 * what the machine has.
 *
 * @returns Bytes
 */
export function availableBytes(): number {
  const { available } = Deno.systemMemoryInfo();
  return Math.min(available, process.constrainedMemory());
}
