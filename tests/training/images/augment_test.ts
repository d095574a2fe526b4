import assert from "node:assert/strict";
import { augmentedExample } from "../../../lib/training/images/augment.ts";
import {
  type Example,
  TrainingSet,
} from "../../../lib/training/images/training_set.ts";
import { fakeDataSet, SIDE } from "../../evaluation/_fakes.ts";

/** An image with its pixels numbered, and the mask of what is above `least`. */
function numbered(offset: number, least: number): [RgbData, Uint8Array] {
  const data = Uint8Array.from(
    { length: SIDE * SIDE * 3 },
    (_, i) => offset + Math.floor(i / 3),
  );
  const mask = Uint8Array.from(
    { length: SIDE * SIDE },
    (_, i) => i >= least ? 1 : 0,
  );
  return [data, mask];
}

type RgbData = Uint8Array;

async function openSet(): Promise<TrainingSet> {
  const data = fakeDataSet([{ key: "cap/a" }, { key: "cap/b" }, {
    key: "nut/a",
  }]);
  const samples = await Array.fromAsync(data.samples());
  const square = { width: SIDE, height: SIDE };
  const changed = samples.map((sample, i) => {
    const [pixels, mask] = numbered(80 * i, 32);
    return {
      ...sample,
      label: i === 1 ? 0 as const : 1 as const,
      image: () => Promise.resolve({ ...square, data: pixels }),
      mask: i === 1 ? null : () => Promise.resolve({ ...square, data: mask }),
    };
  });
  return await TrainingSet.read({
    ...data,
    async *samples() {
      yield* await Promise.resolve(changed);
    },
  }, { side: SIDE });
}

const OFF = { flip: false, rotate: false, mosaic: 0 };

function draws(count: number) {
  return Array.from(
    { length: count },
    (_, place) => ({ seed: 3, epoch: 1, place }),
  );
}

function red({ pixels }: Example): number[] {
  return [...pixels].filter((_, i) => i % 3 === 0);
}

/** All eight symmetries of a square, applied to numbers row by row. */
function symmetries(values: readonly number[]): Set<string> {
  const at = (x: number, y: number) => values[y * SIDE + x]!;
  const end = SIDE - 1;
  const maps: ((x: number, y: number) => number)[] = [
    (x, y) => at(x, y),
    (x, y) => at(end - x, y),
    (x, y) => at(x, end - y),
    (x, y) => at(end - x, end - y),
    (x, y) => at(y, x),
    (x, y) => at(end - y, x),
    (x, y) => at(y, end - x),
    (x, y) => at(end - y, end - x),
  ];
  return new Set(
    maps.map((map) =>
      values.map((_, i) => map(i % SIDE, Math.floor(i / SIDE))).join()
    ),
  );
}

Deno.test("augmentedExample() changes nothing unless it is asked to", async () => {
  const set = await openSet();
  for (const draw of draws(20)) {
    const example = await augmentedExample(set, 0, { ...OFF, draw });
    assert.deepEqual(example, await set.example(0));
  }
});

Deno.test("augmentedExample() mirrors and turns image and mask together", async () => {
  const set = await openSet();
  const original = await set.example(0);
  const possible = symmetries(red(original));
  const cases = [
    [{ flip: true, rotate: false }, 4],
    [{ flip: false, rotate: true }, 4],
    [{ flip: true, rotate: true }, 8],
  ] as const;
  for (const [options, count] of cases) {
    const seen = new Set<string>();
    for (const draw of draws(100)) {
      const example = await augmentedExample(set, 0, {
        ...OFF,
        ...options,
        draw,
      });
      const values = red(example);
      assert(possible.has(values.join()));
      seen.add(values.join());
      assert.deepEqual(
        [...example.mask!],
        values.map((value) => value >= 32 ? 1 : 0),
      );
    }
    assert.equal(seen.size, count);
  }
});

Deno.test("augmentedExample() turns by quarters, not mirroring", async () => {
  const set = await openSet();
  const seen = new Set<string>();
  for (const draw of draws(60)) {
    const options = { ...OFF, rotate: true, draw };
    const [first, second] = red(await augmentedExample(set, 0, options));
    seen.add(`${first},${second}`);
  }
  assert.deepEqual([...seen].sort(), ["0,1", "56,48", "63,62", "7,15"]);
});

Deno.test("augmentedExample() puts four images of one category together", async () => {
  const set = await openSet();
  let mosaics = 0;
  let good = 0;
  for (const draw of draws(300)) {
    const options = { ...OFF, mosaic: 0.2, draw };
    const example = await augmentedExample(set, 0, options);
    const whole = await set.example(0);
    assert.equal(example.category, "cap");
    if (example === whole) continue;
    mosaics++;
    const half = SIDE / 2;
    let defective = 0;
    for (const [left, top] of [[0, 0], [half, 0], [0, half], [half, half]]) {
      const corner = example.pixels[3 * (top! * SIDE + left!)]!;
      const isDefective = corner < 60;
      defective += isDefective ? 1 : 0;
      const bottom = (top! + half - 1) * SIDE + left!;
      assert.equal(example.mask![bottom], isDefective ? 1 : 0);
      assert.equal(example.mask![top! * SIDE + left!], 0);
    }
    assert.equal(example.label, defective > 0 ? 1 : 0);
    if (defective === 0) good++;
  }
  assert(mosaics > 40 && mosaics < 80, `${mosaics}`);
  assert(good > 0 && good < 12, `${good}`);
});

Deno.test("augmentedExample() depends on seed, epoch and place alone", async () => {
  const set = await openSet();
  const options = { flip: true, rotate: true, mosaic: 0.5 };
  const all = async (seed: number, epoch: number) => {
    const texts: string[] = [];
    for (let place = 0; place < 30; place++) {
      const draw = { seed, epoch, place };
      const example = await augmentedExample(set, place % 3, {
        ...options,
        draw,
      });
      texts.push(red(example).join());
    }
    return texts;
  };
  assert.deepEqual(await all(1, 2), await all(1, 2));
  assert.notDeepEqual(await all(1, 2), await all(1, 3));
  assert.notDeepEqual(await all(1, 2), await all(2, 2));
});
