import assert from "node:assert/strict";
import { LEFT_OUT } from "../../lib/metrics/left_out.ts";
import { toCoco } from "../../lib/results/coco.ts";
import {
  findRegions,
  regionLevel,
  type RegionMap,
  regionsOfDefective,
} from "../../lib/results/regions.ts";

/** A map from rows of digits; the image is twice as wide and thrice as high. */
function mapOf(...rows: string[]): RegionMap {
  const columns = rows[0]!.length;
  return {
    logitMap: Float32Array.from(rows.join(""), Number),
    columns,
    rows: rows.length,
    width: columns * 2,
    height: rows.length * 3,
  };
}

Deno.test("findRegions() measures a region in pixels of the image", () => {
  const map = mapOf(
    "000000",
    "005700",
    "005500",
    "000000",
  );
  const [region, ...others] = findRegions(map, { threshold: 5 });
  assert.deepEqual(others, []);
  assert.deepEqual(region?.box, [4, 3, 4, 6]);
  assert.equal(region?.area, 4 * 2 * 3);
  assert.deepEqual(region?.peak, [7, 4.5]);
  assert.equal(region?.peak_logit, 7);
  assert.deepEqual(region?.centroid, [6, 6]);
});

Deno.test("findRegions() keeps apart what does not touch, and sorts by peak", () => {
  const map = mapOf(
    "6000009",
    "0600000",
    "0000000",
    "8800000",
  );
  const regions = findRegions(map, { threshold: 6 });
  assert.deepEqual(regions.map(({ peak_logit }) => peak_logit), [9, 8, 6]);
  assert.deepEqual(regions.map(({ area }) => area / 6), [1, 2, 2]);
});

Deno.test("findRegions() outlines a region at the threshold", () => {
  const map = {
    ...mapOf("0000", "0400", "0000"),
    width: 4,
    height: 3,
  };
  // The pixel's centre is (1.5, 1.5); its neighbours count as 1 below 2, so the
  // line lies at 2/3 of the way to them.
  const [region] = findRegions(map, { threshold: 2 });
  assert.deepEqual(
    region?.polygon.toSorted(([a], [b]) => a - b),
    [[0.83, 1.5], [1.5, 0.83], [1.5, 2.17], [2.17, 1.5]]
      .toSorted(([a], [b]) => a! - b!),
  );
});

Deno.test("findRegions() keeps outlines inside of the image", () => {
  const map = { ...mapOf("99", "99"), width: 2, height: 2 };
  const [region] = findRegions(map, { threshold: 1 });
  assert.deepEqual(region?.box, [0, 0, 2, 2]);
  for (const [x, y] of region!.polygon) {
    assert.ok(x >= 0 && x <= 2 && y >= 0 && y <= 2, `${x}, ${y}`);
  }
});

Deno.test("findRegions() finds a region of a whole large map", () => {
  const side = 600;
  const logitMap = new Float32Array(side * side).fill(1);
  const map = { logitMap, columns: side, rows: side, width: 10, height: 20 };
  const [region] = findRegions(map, { threshold: 1 });
  assert.deepEqual(region?.box, [0, 0, 10, 20]);
  assert.equal(region?.area, 200);
});

Deno.test("findRegions() leaves out small regions and finds none below the threshold", () => {
  const map = mapOf("60066");
  const large = findRegions(map, { threshold: 6, minArea: 7 });
  assert.deepEqual(large.map(({ area }) => area), [12]);
  assert.deepEqual(findRegions(map, { threshold: 7 }), []);
});

Deno.test("toCoco() numbers images and regions from 1", () => {
  const map = mapOf("6006");
  const regions = findRegions(map, { threshold: 6 });
  const coco = toCoco([
    { key: "a.png", width: 8, height: 3, regions: [] },
    { key: "b.png", width: 8, height: 3, regions },
  ], "nano");
  assert.deepEqual(coco.images.map(({ id, file_name }) => [id, file_name]), [
    [1, "a.png"],
    [2, "b.png"],
  ]);
  assert.deepEqual(
    coco.annotations.map(({ id, image_id }) => [id, image_id]),
    [[1, 2], [2, 2]],
  );
  const [first] = coco.annotations;
  assert.deepEqual(first?.bbox, regions[0]?.box);
  assert.equal(first?.segmentation[0]?.length, regions[0]!.polygon.length * 2);
});

Deno.test("findRegions() holds no pixel that does not count, at any threshold", () => {
  const map = mapOf("05", "00");
  map.logitMap[0] = LEFT_OUT;
  const [region, ...others] = findRegions(map, { threshold: -1e6 });
  assert.deepEqual(others, []);
  assert.equal(region?.area, 3 * 2 * 3);
});

Deno.test("regionsOfDefective() takes the pixel threshold where a pixel reaches it", () => {
  const map = mapOf("0000", "0570", "0000");
  assert.deepEqual(
    regionsOfDefective(map, 5),
    findRegions(map, { threshold: 5 }),
  );
});

Deno.test("regionsOfDefective() finds where the map is highest if no pixel reaches the threshold", () => {
  const map = mapOf("0000", "0870", "0000");
  const [region, ...others] = regionsOfDefective(map, 9);
  assert.deepEqual(others, []);
  assert.equal(region?.below_threshold, true);
  assert.equal(region?.peak_logit, 8);
  assert.deepEqual(region?.box, [2, 3, 4, 3]);
  // The mean is 15 / 12.
  assert.equal(regionLevel(map.logitMap, 9), 8 - 0.25 * (8 - 1.25));
});

Deno.test("regionsOfDefective() never takes pixels that do not count", () => {
  const map = mapOf("0000", "0800", "0000");
  map.logitMap.fill(LEFT_OUT, 0, 4);
  const [region] = regionsOfDefective(map, 9);
  assert.deepEqual(region?.box, [2, 3, 2, 3]);
  map.logitMap.fill(LEFT_OUT);
  assert.deepEqual(regionsOfDefective(map, 9), []);
});
