import assert from "node:assert/strict";
import { Random } from "../../lib/random.ts";
import { Coreset } from "../../lib/references/coreset.ts";

const line = (places: readonly number[]) =>
  places.map((x) => Float32Array.of(x, 0));

Deno.test("Coreset.choose() takes what is farthest from all it has", async () => {
  const rows = line([0, 1, 10, 11, 30]);
  const chosen = async (count: number) => [
    ...await new Coreset(rows, new Uint32Array(5)).choose(count),
  ];
  assert.deepEqual(await chosen(2), [0, 4]);
  assert.deepEqual(await chosen(3), [0, 3, 4]);
  assert.deepEqual(await chosen(5), [0, 1, 2, 3, 4]);
});

Deno.test("Coreset.sparesFor() fills the hole that an image leaves", async () => {
  // Both images have patches at 0, 10 and 30; those of one are kept.
  const coreset = new Coreset(
    line([0, 1, 29, 30, 10]),
    Uint32Array.of(0, 1, 1, 0, 0),
  );
  assert.deepEqual([...await coreset.choose(3)], [0, 3, 4]);
  assert.deepEqual([...await coreset.sparesFor(0)], [1, 2]);
  assert.deepEqual([...await coreset.sparesFor(1)], []);
});

Deno.test("Coreset.sparesFor() chooses as if the image had not been there", async () => {
  const random = new Random("coreset");
  const rows = Array.from(
    { length: 120 },
    () => Float32Array.from({ length: 3 }, () => random.between(-1, 1)),
  );
  const owners = Uint32Array.from(rows, (_, i) => i % 6);
  const coreset = new Coreset(rows, owners);
  const chosen = await coreset.choose(40);
  for (let k = 0; k < 6; k++) {
    const known = [...chosen].filter((i) => owners[i] !== k);
    const wanted = known.length;
    const nearest = (j: number) =>
      Math.min(
        ...known.map((i) =>
          Math.hypot(...rows[i]!.map((x, at) => x - rows[j]![at]!))
        ),
      );
    while (known.length < 40) {
      const others = rows.keys().filter((j) =>
        owners[j] !== k && !known.includes(j)
      );
      known.push(
        [...others].reduce((best, j) => nearest(j) > nearest(best) ? j : best),
      );
    }
    assert.deepEqual([...await coreset.sparesFor(k)], known.slice(wanted));
  }
});

Deno.test("Coreset.choose() lets other work in", async () => {
  const rows = Array.from(
    { length: 8000 },
    (_, i) => new Float32Array(16).fill(Math.sin(i)),
  );
  const coreset = new Coreset(rows, new Uint32Array(rows.length));
  let isOver = false;
  let isOtherDone = false;
  setTimeout(() => isOtherDone = !isOver);
  await coreset.choose(2000);
  isOver = true;
  assert.ok(isOtherDone);
});
