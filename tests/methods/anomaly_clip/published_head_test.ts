import assert from "node:assert/strict";
import { readWeight } from "../../../lib/checkpoint/safetensors.ts";
import { renamePublished } from "../../../lib/methods/anomaly_clip/published_head.ts";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";
import type { TemporaryFolder } from "../../golden/mfp_clip/golden.ts";
import {
  ANOMALY_CLIP_GOLDENS,
  type PromptedGolden,
  promptedModel,
} from "../../golden/prompted_clips/golden.ts";

const GOLDENS = `${import.meta.dirname}/../../golden`;
const [PUBLISHED] = ANOMALY_CLIP_GOLDENS as [PromptedGolden];

/** A model directory whose head is an archive of PyTorch. */
async function withArchive(archive: string): Promise<TemporaryFolder> {
  const folder = await promptedModel(PUBLISHED);
  const head = `${folder.path}/anomaly_clip`;
  await Deno.remove(`${head}.safetensors`);
  await Deno.copyFile(`${GOLDENS}/${archive}`, `${head}.pth`);
  return folder;
}

const ARCHIVE = "anomaly_clip/published_head.pth";

Deno.test("openModelDirectory() reads AnomalyCLIP's published head bit for bit", async () => {
  await using own = await promptedModel(PUBLISHED);
  await using folder = await withArchive(ARCHIVE);
  const expected = await openModelDirectory(own.path);
  const found = await openModelDirectory(folder.path);
  assert.deepEqual([...found.weights.keys()], [...expected.weights.keys()]);
  for (const name of found.architecture.headShapes.keys()) {
    const entry = found.weights.get(name)!;
    assert(entry.file.endsWith("anomaly_clip.pth"));
    assert.deepEqual(
      await readWeight(entry),
      await readWeight(expected.weights.get(name)!),
      name,
    );
  }
});

Deno.test("openModelDirectory() refuses a head that was trained on another CLIP", async () => {
  await using folder = await withArchive(ARCHIVE);
  const path = `${folder.path}/clip/model.safetensors`;
  const { weights } = await openModelDirectory(folder.path);
  const name = "text_model.embeddings.token_embedding.weight";
  const { offset, shape: [rows, width] } = weights.get(name)!;
  // One number of the row of the end of text, in float16.
  using file = await Deno.open(path, { write: true });
  await file.seek(offset + (rows! - 1) * width! * 2, Deno.SeekMode.Start);
  await file.write(Uint8Array.of(0, 0x3c));
  await assert.rejects(openModelDirectory(folder.path), {
    name: "ModelError",
    message: /anomaly_clip\.pth as it must be trained on this CLIP: /,
  });
});

Deno.test("openModelDirectory() refuses a hostile or a foreign head of AnomalyCLIP by name", async () => {
  const cases: [string, RegExp][] = [
    ["pytorch/malicious/system.pt", /anomaly_clip\.pth as .*system/],
    ["pytorch/malicious/eval.pt", /anomaly_clip\.pth as .*eval/],
    [
      "april_gan/published_head.pth",
      /anomaly_clip\.pth as 3 tensors are missing .*foreign/,
    ],
  ];
  for (const [archive, message] of cases) {
    await using folder = await withArchive(archive);
    await assert.rejects(openModelDirectory(folder.path), {
      name: "ModelError",
      message,
    });
  }
});

Deno.test("renamePublished() refuses more than one prompt for a state", () => {
  const entry = {
    file: "a.pth",
    dtype: "F32",
    shape: [1, 2, 3, 4],
    offset: 0,
    byteLength: 96,
    transposed: false,
  } as const;
  const tensors = new Map([["ctx_pos", entry]]);
  assert.throws(() => renamePublished({ path: "a.pth", tensors }), {
    name: "ModelError",
    message:
      "Cannot load a.pth as ctx_pos must hold one prompt of one class, " +
      "[1, 1, E, Dw]: current shape is [1, 2, 3, 4]",
  });
});
