import assert from "node:assert/strict";
import { Random } from "../lib/random.ts";

// Expected numbers: tests/golden/data/sfc32.py.
Deno.test("Random gives the numbers of sfc32 for a key", () => {
  const random = new Random("seed/1");
  assert.deepEqual(
    Array.from({ length: 4 }, () => random.bits()),
    [4076504529, 162933604, 2282395505, 368510492],
  );
});

Deno.test("Random gives different numbers for similar keys", () => {
  const first = new Set<number>();
  for (let i = 0; i < 1000; i++) first.add(new Random(`key/${i}`).bits());
  assert.equal(first.size, 1000);
});

Deno.test("fork() does not depend on what was drawn", () => {
  const fresh = new Random("key");
  const used = new Random("key");
  for (let i = 0; i < 5; i++) used.bits();
  assert.equal(fresh.fork("a").bits(), used.fork("a").bits());
  assert.notEqual(fresh.fork("a").bits(), fresh.fork("b").bits());
});

Deno.test("between() is uniform within its bounds", () => {
  const random = new Random("uniform");
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 8000; i++) {
    const value = random.between(-1, 3);
    assert(value >= -1 && value < 3);
    counts[Math.floor(value + 1)]!++;
  }
  for (const count of counts) assert(Math.abs(count - 2000) < 160, `${counts}`);
});

Deno.test("integer() takes both ends", () => {
  const random = new Random("integer");
  const seen = new Set<number>();
  for (let i = 0; i < 200; i++) seen.add(random.integer(2, 5));
  assert.deepEqual([...seen].sort(), [2, 3, 4, 5]);
});

Deno.test("pick() refuses an empty list", () => {
  assert.throws(() => new Random("pick").pick([]), RangeError);
});
