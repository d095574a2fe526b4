import assert from "node:assert/strict";
import { FakeEngine, readResult, trainFake } from "./fake_run.ts";
import { canMount, mountSmallDisk } from "../files/small_disk.ts";

const mayMount = await canMount();

/** Checkpoints of 13 kB, and what goes with them. */
async function trainLarge(out: string, resume: boolean): Promise<void> {
  const engine = new FakeEngine();
  Object.assign(engine, { shapes: new Map([["layer.bias", [1000]]]) });
  const parameters = new Map([["layer.bias", new Float32Array(1000)]]);
  await trainFake(out, { resume }, { engine, parameters });
}

async function names(path: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.map(({ name }) => name).sort();
}

Deno.test({
  name: mayMount
    ? "train() says that the disk is full, and goes on once it is not"
    : "train() on a full disk: skipped, as mounting one takes root",
  ignore: !mayMount,
  async fn() {
    await using disk = await mountSmallDisk(32);
    const { path, resize } = disk!;
    const out = `${path}/out`;
    const checkpoint = `${out}/training.safetensors`;
    await assert.rejects(trainLarge(out, false), {
      name: "DiskError",
      message: `Cannot write ${out}/train.html as the disk is full`,
    });
    assert.deepEqual(await names(out), [
      "log.jsonl",
      "mfp_clip.json",
      "training.safetensors",
    ]);
    const before = await Deno.readFile(checkpoint);
    await Deno.writeFile(`${path}/ballast`, new Uint8Array(4096));
    resize(64);
    await Deno.writeFile(`${path}/ballast`, new Uint8Array(14_000));
    await assert.rejects(trainLarge(out, true), {
      name: "DiskError",
      message: `Cannot write ${checkpoint} as the disk is full`,
    });
    assert.deepEqual(await Deno.readFile(checkpoint), before);
    assert(!(await names(out)).some((name) => name.endsWith(".part")));
    resize(1024);
    await trainLarge(out, true);
    await trainLarge(`${path}/whole`, false);
    assert.deepEqual(await readResult(out), await readResult(`${path}/whole`));
  },
});
