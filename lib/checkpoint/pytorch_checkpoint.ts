/**
 * Opens checkpoints of PyTorch: what torch.save and torch.jit.save write.
 *
 * @module
 */
import type { ByteRange } from "../files/stored_bytes.ts";
import { cannotLoad } from "./cannot_load.ts";
import { PytorchNames } from "./pytorch_globals.ts";
import { unpickle } from "./pytorch_pickle.ts";
import { namedTensors } from "./pytorch_state_dict.ts";
import type { PickleStorage, PickleTensor } from "./pytorch_values.ts";
import { PytorchArchive } from "./pytorch_zip.ts";
import { quote } from "./quote.ts";
import { isRowMajor, spanOf } from "./strides.ts";
import { BITS, type WeightEntry, type Weights } from "./weights.ts";

/** An opened checkpoint of PyTorch; no handle is kept. */
export interface PytorchFile extends Weights {
  /** Whether it is a TorchScript archive, such as OpenAI publishes. */
  readonly isTorchScript: boolean;
}

/** The pickle of a large network has some hundred kilobytes. */
const MAX_PICKLE_BYTES = 16 * 2 ** 20;

async function assertLittleEndian(
  path: string,
  archive: PytorchArchive,
): Promise<void> {
  if (!archive.has("byteorder")) return;
  const order = new TextDecoder().decode(await archive.read("byteorder", 16));
  if (order !== "little") {
    cannotLoad(
      path,
      `its byte order must be little-endian: current value is ${quote(order)}`,
    );
  }
}

async function locateStorage(
  archive: PytorchArchive,
  storage: PickleStorage,
): Promise<ByteRange> {
  const range = await archive.locate(`data/${storage.key}`);
  const bytes = range.end - range.start;
  const expected = storage.elements * BITS[storage.dtype] / 8;
  if (bytes !== expected) {
    cannotLoad(
      archive.path,
      `storage ${quote(storage.key)} must have ${expected} bytes for ` +
        `${storage.elements} elements of ${storage.dtype}: current value is ` +
        `${bytes}`,
    );
  }
  return range;
}

function entryOf(
  tensor: PickleTensor,
  file: string,
  storage: ByteRange,
): WeightEntry {
  const { shape, strides, storage: { dtype } } = tensor;
  const bytes = BITS[dtype] / 8;
  const entry: WeightEntry = {
    dtype,
    shape,
    offset: storage.start + tensor.offset * bytes,
    byteLength: spanOf(shape, strides) * bytes,
    file,
    transposed: false,
  };
  return isRowMajor(shape, strides) ? entry : { ...entry, strides };
}

async function readTensors(
  archive: PytorchArchive,
  options: { readonly path: string; readonly torchScript: boolean },
): Promise<Map<string, WeightEntry>> {
  const { path, torchScript } = options;
  await assertLittleEndian(path, archive);
  const bytes = await archive.read("data.pkl", MAX_PICKLE_BYTES);
  const names = new PytorchNames(path, { torchScript });
  const storages = new Map<string, ByteRange>();
  const tensors = new Map<string, WeightEntry>();
  for (
    const [name, tensor] of namedTensors(unpickle(bytes, { path, names }), path)
  ) {
    const { key, dtype, elements } = tensor.storage;
    const known = `${key} ${dtype} ${elements}`;
    const storage = storages.get(known) ??
      await locateStorage(archive, tensor.storage);
    storages.set(known, storage);
    tensors.set(name, entryOf(tensor, path, storage));
  }
  return tensors;
}

/**
 * Opens a checkpoint that torch.save or torch.jit.save wrote as a zip archive.
 * Only its directory and its description of tensors are read: the tensors lie
 * uncompressed in the file and stay there. Its code is not run.
 *
 * @throws {ModelError} If the file is missing, damaged or of another format,
 * or asks for anything but tensors; the message names what it asks for.
 */
export async function openPytorch(path: string): Promise<PytorchFile> {
  using archive = await PytorchArchive.open(path);
  const torchScript = archive.has("constants.pkl");
  const tensors = await readTensors(archive, { path, torchScript });
  return { path, tensors, isTorchScript: torchScript };
}
