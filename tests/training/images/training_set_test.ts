import assert from "node:assert/strict";
import { TrainingSet } from "../../../lib/training/images/training_set.ts";
import {
  cornerMask,
  fakeDataSet,
  type FakeSample,
  redImage,
  SIDE,
} from "../../evaluation/_fakes.ts";

function read(
  fakes: readonly FakeSample[],
  cacheBytes?: number,
): Promise<TrainingSet> {
  const options = cacheBytes === undefined ? {} : { cacheBytes };
  return TrainingSet.read(fakeDataSet(fakes), { side: SIDE, ...options });
}

const DEFECT: FakeSample = { key: "nut/b", label: 1, mask: cornerMask() };

Deno.test("TrainingSet.read() takes labelled images in the order of keys", async () => {
  for (const cacheBytes of [undefined, 300, 0]) {
    const set = await read([
      { key: "nut/c", red: 3 },
      DEFECT,
      { key: "cap/a", red: 1 },
      { key: "cap/b", label: null },
      { key: "cap/c", label: 1 },
    ], cacheBytes);
    assert.equal(set.size, 3);
    assert.deepEqual(set.categories, ["cap", "nut"]);
    assert.deepEqual(set.leftOut, {
      unlabelled: 1,
      maskless: 1,
      masks: {},
    });
    assert.deepEqual(await set.example(0), {
      pixels: redImage(1).data,
      mask: null,
      label: 0,
      category: "cap",
    });
    const { mask, label } = await set.example(1);
    assert.deepEqual([mask, label], [cornerMask().data, 1]);
    assert.deepEqual(set.alike(2), [1, 2]);
  }
});

Deno.test("TrainingSet.digest tells sets apart by keys and labels", async () => {
  const good: FakeSample = { key: "nut/a" };
  const { digest } = await read([DEFECT, good]);
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.equal((await read([good, DEFECT])).digest, digest);
  const renamed = await read([DEFECT, { ...good, key: "nut/c" }]);
  assert.notEqual(renamed.digest, digest);
  const other = await read([{ ...DEFECT, ...good }, { key: "nut/b" }]);
  assert.notEqual(other.digest, digest);
});

Deno.test("TrainingSet.read() leaves out images whose masks cannot be used", async () => {
  const narrow = { width: 4, height: 4, data: new Uint8Array(16) };
  const fakes = [DEFECT, { key: "nut/c", label: 1, mask: narrow }] as const;
  const set = await read(fakes);
  assert.equal(set.size, 1);
  assert.deepEqual(set.leftOut.masks, { other_size: ["nut/c"] });
  await assert.rejects(
    TrainingSet.read(fakeDataSet(fakes), { side: SIDE, strict: true }),
    {
      name: "DataSetError",
      message: "Cannot train on fake as all of its images must be usable: " +
        "nut/c: its mask is of another size",
    },
  );
});

Deno.test("TrainingSet.read() notes what masks may not be, and says what is wrong with all", async () => {
  const all = { width: 8, height: 8, data: new Uint8Array(64).fill(1) };
  const notes = ["large", "grey"] as const;
  const set = await read([{
    key: "nut/c",
    label: 1,
    mask: { ...all, notes },
  }]);
  assert.deepEqual(set.notes.get("nut"), { mask_notes: { large: 1, grey: 1 } });
  const narrow = { width: 4, height: 4, data: new Uint8Array(16) };
  await assert.rejects(
    read([{ key: "nut/c", label: 1, mask: narrow }]),
    /and 1 without a mask that can be used \(1 of another size\)$/,
  );
});

Deno.test("TrainingSet.read() names images that cannot be used", async () => {
  await assert.rejects(
    read([{ key: "a/b", broken: true }, { key: "a/c", broken: true }]),
    {
      name: "DataSetError",
      message: "Cannot train on fake as all of its images must be usable: " +
        "a/b (and 1 more): Cannot decode a truncated PNG",
    },
  );
});

Deno.test("TrainingSet.read() refuses sets without a defect to learn", async () => {
  const sets: FakeSample[][] = [
    [],
    [{ key: "a/b" }, { key: "a/c", label: null }, { key: "a/d", label: 1 }],
  ];
  const counts = [
    "0 normal, 0 unlabelled and 0",
    "1 normal, 1 unlabelled and 1",
  ];
  for (const [i, fakes] of sets.entries()) {
    await assert.rejects(read(fakes), {
      name: "DataSetError",
      message: "Cannot train on fake as it must hold defective images with " +
        `masks: current value is ${counts[i]} without a mask`,
    });
  }
});

Deno.test("TrainingSet.example() says which image changed", async () => {
  const data = fakeDataSet([DEFECT]);
  const [sample] = await Array.fromAsync(data.samples());
  let reads = 0;
  const image = () =>
    reads++ === 0 ? sample!.image() : Promise.reject(new Error("gone"));
  const changing = {
    ...data,
    async *samples() {
      yield await Promise.resolve({ ...sample!, image });
    },
  };
  const set = await TrainingSet.read(changing, { side: SIDE, cacheBytes: 0 });
  await assert.rejects(set.example(0), {
    name: "DataSetError",
    message: "Cannot go on training on fake as nut/b changed: gone",
  });
});

Deno.test("TrainingSet.read() stops when it is told to", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  const reading = TrainingSet.read(fakeDataSet([DEFECT]), {
    side: SIDE,
    signal,
  });
  await assert.rejects(reading, { message: "enough" });
});
