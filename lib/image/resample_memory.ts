/**
 * The memory of the WebAssembly filters: what lies where, and how it grows.
 *
 * @module
 */
import { RESAMPLE_KERNELS } from "./resample_kernels.ts";

/** The filters of resample_kernels.wat. */
interface Kernels {
  readonly memory: WebAssembly.Memory;
  filterRows(
    source: number,
    sourceStride: number,
    target: number,
    targetStride: number,
    rows: number,
    channels: number,
    order: number,
    taps: number,
    pairs: number,
  ): void;
  filterColumns(
    source: number,
    target: number,
    stride: number,
    rows: number,
    taps: number,
    pairs: number,
  ): void;
}

const PAGE = 65536;

/** Bytes behind each region that a filter may read or write. */
const MARGIN = 32;

let kernels: Kernels | undefined;

/** The filters, compiled when a thread first resizes an image. */
export function openKernels(): Kernels {
  if (kernels !== undefined) return kernels;
  const bytes = Uint8Array.fromBase64(RESAMPLE_KERNELS);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return kernels = exports as unknown as Kernels;
}

/**
 * Lays regions one after the other, and grows the memory to hold them.
 *
 * @param sizes Bytes of each.
 * @returns Where each begins, and the bytes of the memory.
 */
export function layRegions(
  { memory }: Pick<Kernels, "memory">,
  sizes: readonly number[],
): { readonly places: readonly number[]; readonly bytes: Uint8Array } {
  let end = 0;
  const places = sizes.map((size) => {
    const place = end;
    end = Math.ceil((place + size + MARGIN) / 16) * 16;
    return place;
  });
  const lacking = end - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE));
  return { places, bytes: new Uint8Array(memory.buffer) };
}
