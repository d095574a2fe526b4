/**
 * Reads tensors row by row, however their elements lie, in bounded memory.
 *
 * @module
 */
import { cannotLoad } from "./cannot_load.ts";
import { ModelFile } from "./model_file.ts";
import { elementsOf, isRowMajor, rowMajorStrides, spanOf } from "./strides.ts";
import { BITS, type WeightEntry } from "./weights.ts";

/** Bytes handed out at once, and bytes read at once. */
const PIECE_BYTES = 16 * 2 ** 20;

/** Part of a tensor; offset and strides count units of `bytes` bytes. */
interface View {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

type Units = Uint8Array | Uint16Array | Uint32Array;

/** Elements of eight bytes are pairs of units. */
function unitBytes(entry: WeightEntry): 1 | 2 | 4 {
  const bytes = BITS[entry.dtype] / 8;
  return bytes === 1 || bytes === 2 ? bytes : 4;
}

function unitsOf(buffer: ArrayBuffer, bytes: 1 | 2 | 4): Units {
  switch (bytes) {
    case 1:
      return new Uint8Array(buffer);
    case 2:
      return new Uint16Array(buffer);
    case 4:
      return new Uint32Array(buffer);
  }
}

function viewOf(entry: WeightEntry): View {
  const strides = entry.strides ?? rowMajorStrides(entry.shape);
  const units = BITS[entry.dtype] / 8 / unitBytes(entry);
  return {
    shape: [...entry.shape, units],
    strides: [...strides.map((stride) => stride * units), 1],
    offset: 0,
  };
}

/** Both halves of a view, along one dimension. */
function halves(view: View, dimension: number): [View, View] {
  const size = view.shape[dimension]!;
  const half = Math.ceil(size / 2);
  return [
    { ...view, shape: view.shape.with(dimension, half) },
    {
      ...view,
      shape: view.shape.with(dimension, size - half),
      offset: view.offset + half * view.strides[dimension]!,
    },
  ];
}

/** Parts of at most `limit` units that follow each other row by row. */
function* pieces(view: View, limit: number): Generator<View> {
  if (elementsOf(view.shape) <= limit) {
    yield view;
    return;
  }
  const outermost = view.shape.findIndex((size) => size > 1);
  for (const half of halves(view, outermost)) yield* pieces(half, limit);
}

/** The dimension along which a view reaches furthest. */
function widest({ shape, strides }: View): number {
  const reach = shape.map((size, i) => (size - 1) * strides[i]!);
  return reach.indexOf(Math.max(...reach));
}

function scatter(
  source: Units,
  target: Units,
  { from, to }: { from: View; to: View },
): void {
  const last = from.shape.length - 1;
  const copy = (dimension: number, start: number, end: number) => {
    const size = from.shape[dimension]!;
    const [step, stride] = [from.strides[dimension]!, to.strides[dimension]!];
    for (let i = 0; i < size; i++, start += step, end += stride) {
      if (dimension === last) target[end] = source[start]!;
      else copy(dimension + 1, start, end);
    }
  };
  copy(0, 0, to.offset);
}

/** Reads units from a file into their places in a piece. */
class Gatherer {
  readonly #file: ModelFile;
  readonly #entry: WeightEntry;
  readonly #bytes: 1 | 2 | 4;
  readonly #limit: number;

  constructor(
    file: ModelFile,
    { entry, limit }: { entry: WeightEntry; limit: number },
  ) {
    this.#file = file;
    this.#entry = entry;
    this.#bytes = unitBytes(entry);
    this.#limit = limit;
  }

  async gather(piece: View): Promise<Uint8Array<ArrayBuffer>> {
    const { shape, strides, offset } = piece;
    const bytes = new Uint8Array(elementsOf(shape) * this.#bytes);
    if (isRowMajor(shape, strides)) {
      await this.#read(offset, bytes);
      return bytes;
    }
    const to = { ...piece, strides: rowMajorStrides(shape), offset: 0 };
    await this.#fill(unitsOf(bytes.buffer, this.#bytes), { from: piece, to });
    return bytes;
  }

  async #read(unit: number, target: Uint8Array): Promise<void> {
    const start = this.#entry.offset + unit * this.#bytes;
    await this.#file.readInto(start, target);
  }

  async #fill(
    target: Units,
    { from, to }: { from: View; to: View },
  ): Promise<void> {
    const span = spanOf(from.shape, from.strides);
    if (span > this.#limit) {
      const dimension = widest(from);
      const parts = halves(from, dimension);
      const places = halves(to, dimension);
      await this.#fill(target, { from: parts[0], to: places[0] });
      await this.#fill(target, { from: parts[1], to: places[1] });
      return;
    }
    const source = new Uint8Array(span * this.#bytes);
    await this.#read(from.offset, source);
    scatter(unitsOf(source.buffer, this.#bytes), target, { from, to });
  }
}

/**
 * Reads the bytes of a tensor row by row.
 *
 * @param entry A tensor of any type.
 * @param options.pieceBytes Most bytes to hand out at once; as many again are
 * read at once.
 * @returns Its bytes, in pieces.
 * @throws {ModelError} If the file cannot be read, or elements share bytes.
 */
export async function* readBytes(
  entry: WeightEntry,
  options: { readonly pieceBytes?: number } = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { pieceBytes = PIECE_BYTES } = options;
  const view = viewOf(entry);
  if (elementsOf(view.shape) > spanOf(view.shape, view.strides)) {
    cannotLoad(
      entry.file,
      `a tensor of [${entry.shape}] in it repeats its elements`,
    );
  }
  using file = await ModelFile.open(entry.file);
  const limit = pieceBytes / unitBytes(entry);
  const gatherer = new Gatherer(file, { entry, limit });
  for (const piece of pieces(view, limit)) {
    yield await gatherer.gather(piece);
  }
}
