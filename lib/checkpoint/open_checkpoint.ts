/**
 * Opens checkpoints of any supported format.
 *
 * @module
 */
import { importLate } from "../async/import_late.ts";
import { openSafetensors } from "./safetensors.ts";
import { openSharded } from "./sharded_checkpoint.ts";
import type { Weights } from "./weights.ts";

/** An opened checkpoint; no handle is kept. */
export interface Checkpoint extends Weights {
  /** Whether it is a TorchScript archive, such as OpenAI publishes. */
  readonly isTorchScript: boolean;
}

async function openFile(path: string): Promise<Checkpoint> {
  if (!path.endsWith(".safetensors")) {
    const address = new URL("./pytorch_checkpoint.ts", import.meta.url);
    const { openPytorch } = await importLate<
      typeof import("./pytorch_checkpoint.ts")
    >(address);
    return await openPytorch(path);
  }
  const { tensors } = await openSafetensors(path);
  return { path, tensors, isTorchScript: false };
}

/**
 * Opens a checkpoint: `*.safetensors`, `*.index.json` of one in several files,
 * or, under any other name, an archive of torch.save or torch.jit.save. Only
 * headers are read. No code is run.
 *
 * @throws {ModelError} If a file is missing, damaged or of another format.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  if (!path.endsWith(".index.json")) return await openFile(path);
  return { ...await openSharded(path, openFile), isTorchScript: false };
}
