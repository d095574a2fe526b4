import assert from "node:assert/strict";
import { SYNTHETIC_CATEGORIES } from "../../lib/synthetic/catalog.ts";
import {
  defectOf,
  drawSpecimen,
  renderSample,
  type SampleOptions,
  type SyntheticSample,
} from "../../lib/synthetic/render_sample.ts";

const SIDE = 64;

async function hashOf({ image, mask }: SyntheticSample): Promise<string> {
  const bytes = new Uint8Array([...image.data, ...mask.data]);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex().slice(0, 16);
}

/** Largest change of a component of each pixel against the flawless product. */
function changeOf(options: SampleOptions, sample: SyntheticSample): number[] {
  const { picture } = drawSpecimen(options);
  const { data } = sample.image;
  return Array.from(sample.mask.data, (_, i) => {
    let most = 0;
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      most = Math.max(most, Math.abs(data[c]! - picture[c]!));
    }
    return most;
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const GOLDEN: readonly [string, SampleOptions][] = [
  ["7f530ea6c39ebf47", { category: "fabric", index: 1, seed: 1, side: 112 }],
  ["778dfb14c79bf5e1", { category: "assembly", index: 7, seed: 2, side: 64 }],
  ["b4f57c34a6032d86", {
    category: "circuit_board",
    index: 4,
    seed: 3,
    side: 96,
  }],
  ["b62671555db422b9", { category: "mesh", index: 3, seed: 4, side: 64 }],
  ["62b659f851a767ec", {
    category: "pill",
    index: 5,
    seed: 5,
    side: 80,
    products: "many",
  }],
];

Deno.test("renderSample() gives the same bytes on every machine", async () => {
  for (const [hash, options] of GOLDEN) {
    assert.equal(await hashOf(renderSample(options)), hash, options.category);
  }
});

Deno.test("renderSample() does not depend on what was rendered before", async () => {
  const options = { category: "gear", index: 9, seed: 6, side: SIDE };
  const before = await hashOf(renderSample(options));
  renderSample({ ...options, index: 2 });
  renderSample({ ...options, category: "wood" });
  assert.equal(await hashOf(renderSample(options)), before);
});

Deno.test("renderSample() differs by seed, index and products", async () => {
  const options = { category: "cap", index: 3, seed: 1, side: SIDE } as const;
  const hashes = [
    options,
    { ...options, seed: 2 },
    { ...options, index: 5 },
    { ...options, products: "many" } as const,
  ].map((each) => hashOf(renderSample(each)));
  assert.equal(new Set(await Promise.all(hashes)).size, 4);
});

Deno.test("renderSample() makes every odd image defective", () => {
  for (let index = 0; index < 8; index++) {
    const options = { category: "pill", index, seed: 7, side: SIDE };
    const { image, mask, label, defect } = renderSample(options);
    const area = mask.data.reduce((sum, value) => sum + value, 0);
    assert.equal(label, index % 2);
    assert.equal(defect, defectOf(options));
    assert.equal(defect === null, label === 0);
    assert.equal(area > 0, label === 1);
    assert.deepEqual([image.width, image.height], [SIDE, SIDE]);
    assert.deepEqual([mask.width, mask.height], [SIDE, SIDE]);
    assert.equal(image.data.length, 3 * SIDE * SIDE);
  }
});

Deno.test("defectOf() goes through all kinds of a category in turn", () => {
  for (const { name, defects } of SYNTHETIC_CATEGORIES) {
    const kinds = defects.map((_, k) =>
      defectOf({ category: name, index: 2 * k + 1, seed: 8 })
    );
    assert.deepEqual(new Set(kinds), new Set(defects));
  }
});

for (const products of ["one", "many"] as const) {
  for (const { name, kind, defects } of SYNTHETIC_CATEGORIES) {
    Deno.test(`renderSample() shows each defect of ${name} inside its mask alone, ${products}`, () => {
      defects.forEach((_, k) => {
        const index = 2 * k + 1;
        const options = {
          category: name,
          index,
          seed: 9,
          side: SIDE,
          products,
        };
        const sample = renderSample(options);
        const change = changeOf(options, sample);
        const what = `${sample.defect}`;
        const { data } = sample.mask;
        const inside = change.filter((_, i) => data[i] === 1);
        const outside = change.filter((_, i) => data[i] === 0);
        const share = inside.length / change.length;
        assert(data.every((value) => value === 0 || value === 1));
        assert(share >= 0.0025 && share <= 0.14, `${what}: area ${share}`);
        assert(mean(inside) > 22, `${what}: contrast ${mean(inside)}`);
        // The sensor's noise is at most 2.45 deviations of at most 2.
        assert(Math.max(...outside) < 5.5, `${what}: beyond its mask`);
        if (kind === "object") assertOnProduct(options, sample);
      });
    });
  }
}

/** Most of a mask lies on the product, or where a part of it should be. */
function assertOnProduct(
  options: SampleOptions,
  { mask: { data }, defect }: SyntheticSample,
): void {
  const { cover } = drawSpecimen(options).scene.relief;
  const marked = [...cover].filter((_, i) => data[i] === 1);
  const on = marked.filter((share) => share > 0.5).length / marked.length;
  assert(on > 0.5, `${options.category} ${defect}: ${on} on the product`);
}

Deno.test("renderSample() refuses an unknown category", () => {
  const options = { category: "nothing", index: 0, seed: 0, side: SIDE };
  assert.throws(() => renderSample(options), {
    name: "RangeError",
    message: /must be one of fabric, .*: current value is nothing$/,
  });
});

Deno.test("renderSample() refuses numbers that are not whole", () => {
  const options = { category: "nut", index: 0, seed: 0, side: SIDE };
  for (const wrong of [{ index: -1 }, { seed: 0.5 }, { side: 31 }]) {
    assert.throws(() => renderSample({ ...options, ...wrong }), RangeError);
  }
});
