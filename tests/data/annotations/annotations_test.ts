import assert from "node:assert/strict";
import { drawShapes } from "../../../lib/data/draw_shapes.ts";
import type { Shape } from "../../../lib/data/mask_part.ts";
import { type ReadRow, readTree } from "../read_tree.ts";
import { mask, png, type Tree } from "../trees.ts";

/** Images are 12 pixels wide and 8 high. */
const image = await png(9);
const text = new TextEncoder();

function json(value: unknown): Uint8Array {
  return text.encode(JSON.stringify(value));
}

/** The rows of a mask of 6 x 4 pixels, `.` and `#`. */
function drawn(...shapes: Shape[]): string[] {
  const [width, height] = [6, 4];
  const data = new Uint8Array(width * height);
  drawShapes(shapes, { width, height, data });
  return Array.from(
    { length: height },
    (_, y) =>
      [...data.subarray(y * width, (y + 1) * width)]
        .map((value) => value === 1 ? "#" : ".").join(""),
  );
}

Deno.test("drawShapes() fills pixels whose centres lie inside", () => {
  const box = [[1, 1], [4, 1], [4, 3], [1, 3]] as const;
  assert.deepEqual(drawn({ polygon: box }), [
    "......",
    ".###..",
    ".###..",
    "......",
  ]);
  assert.deepEqual(drawn({ polygon: [[0, 0], [6, 0], [0, 4]] }), [
    "#####.",
    "####..",
    "##....",
    "#.....",
  ]);
  const half = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]] as const;
  assert.deepEqual(drawn({ polygon: half, relative: true })[0], "###...");
  assert.deepEqual(
    drawn({ polygon: [[-9, -9], [99, -9], [99, 99], [-9, 99]] }),
    Array(4).fill("######"),
  );
});

Deno.test("drawShapes() draws lines and runs", () => {
  assert.deepEqual(drawn({ line: [[0, 0], [3, 3]] }), [
    "#.....",
    ".#....",
    "..#...",
    "...#..",
  ]);
  assert.deepEqual(drawn({ runs: [2, 3], size: [6, 4] }), [
    ".#....",
    "......",
    "#.....",
    "#.....",
  ]);
  assert.throws(
    () => drawn({ runs: [2, 3], size: [5, 4] }),
    /must be for an image of 6 x 4: current value is 5 x 4$/,
  );
});

Deno.test("drawShapes() refuses points of an image of another size", () => {
  const polygon = [[1, 1], [4, 1], [4, 3]] as const;
  assert.equal(drawn({ polygon, size: [6, 4] })[2], "...#..");
  for (const shape of [{ polygon }, { line: polygon }]) {
    assert.throws(
      () => drawn({ ...shape, size: [12, 8] }),
      /must be for an image of 6 x 4: current value is 12 x 8$/,
    );
  }
});

/** `a.png 1 scratch 12` of each row, without folders. */
async function rowsOf(tree: Tree): Promise<string[]> {
  const { rows } = await readTree(tree);
  return rows.map(([key, , label, defect, lit]: ReadRow) =>
    `${key.split("/").at(-1)} ${label} ${defect} ${lit}`
  );
}

const BOX = [[2, 2], [6, 5]];

Deno.test("openDataSet() reads annotations of labelme", async () => {
  const shapes = [
    { label: "scratch", shape_type: "rectangle", points: BOX },
    { label: "good", shape_type: "rectangle", points: [[0, 0], [12, 8]] },
  ];
  const tree = {
    "a.png": image,
    "a.json": json({ imagePath: "a.png", shapes }),
    "b.png": image,
    "b.json": json({ imagePath: "b.png", shapes: [] }),
    "c.png": image,
  };
  assert.deepEqual(await rowsOf(tree), [
    "a.png 1 scratch 12",
    "b.png 0 null null",
    "c.png null null null",
  ]);
  const { layout, notes } = await readTree(tree);
  assert.equal(layout, "plain folders with annotations (labelme)");
  assert.deepEqual(notes, [
    "1 image without an annotation and so without a label: c.png",
  ]);
});

Deno.test("openDataSet() reads polygons, circles and lines of labelme", async () => {
  const of = async (shape_type: string, points: number[][]) => {
    const shapes = [{ label: "x", shape_type, points }];
    const [row] = await rowsOf({ "a.png": image, "a.json": json({ shapes }) });
    return Number(row!.split(" ").at(-1));
  };
  assert.equal(await of("polygon", [[0, 0], [4, 0], [4, 4], [0, 4]]), 16);
  assert.equal(await of("circle", [[6, 4], [6, 6]]), 12);
  assert.equal(await of("linestrip", [[0, 0], [5, 0], [5, 5]]), 11);
  assert.equal(await of("point", [[3, 3]]), 1);
});

Deno.test("openDataSet() reads annotations of YOLO", async () => {
  const { rows } = await readTree({
    "images/train/a.png": image,
    "images/train/b.png": image,
    "labels/train/a.txt": text.encode("1 0.5 0.5 0.5 0.5\n"),
    "labels/train/b.txt": text.encode(""),
    "labels/classes.txt": text.encode("dent\nscratch\n"),
  });
  assert.deepEqual(rows.map(([, category, ...rest]) => [category, ...rest]), [
    ["object", 1, "scratch", "24"],
    ["object", 0, null, null],
  ]);
  const polygon = text.encode("0 0 0 0.5 0 0.5 1 0 1\n");
  assert.deepEqual(await rowsOf({ "a.png": image, "a.txt": polygon }), [
    "a.png 1 null 48",
  ]);
  assert.deepEqual(
    await rowsOf({ "a.png": image, "a.txt": text.encode("a note\n") }),
    ["a.png null null null"],
  );
});

Deno.test("openDataSet() reads boxes of Pascal VOC", async () => {
  const object = "<object><name>dent</name><bndbox><xmin>1</xmin>" +
    "<ymin>1</ymin><xmax>3</xmax><ymax>2</ymax></bndbox></object>";
  const xml = (objects: string) =>
    text.encode(`<annotation><size></size>${objects}</annotation>`);
  assert.deepEqual(
    await rowsOf({
      "JPEGImages/a.png": image,
      "JPEGImages/b.png": image,
      "Annotations/a.xml": xml(object),
      "Annotations/b.xml": xml(""),
    }),
    ["a.png 1 dent 6", "b.png 0 null null"],
  );
});

Deno.test("openDataSet() reads annotations of COCO", async () => {
  const coco = {
    images: [
      { id: 1, file_name: "a.png" },
      { id: 2, file_name: "b.png" },
      { id: 3, file_name: "c.png" },
      { id: 4, file_name: "d.png" },
    ],
    categories: [{ id: 7, name: "dent" }],
    annotations: [
      {
        image_id: 1,
        category_id: 7,
        segmentation: [[0, 0, 4, 0, 4, 4, 0, 4]],
      },
      { image_id: 1, category_id: 7, bbox: [8, 0, 2, 2] },
      // Runs of pycocotools for 3 outside, 5 inside, 88 outside.
      {
        image_id: 3,
        category_id: 7,
        segmentation: { size: [8, 12], counts: "35h2" },
      },
      {
        image_id: 4,
        category_id: 7,
        segmentation: { size: [8, 12], counts: [3, 5, 88] },
      },
    ],
  };
  const images = Object.fromEntries(
    ["a", "b", "c", "d"].map((name) => [`images/${name}.png`, image]),
  );
  assert.deepEqual(
    await rowsOf({ ...images, "annotations/instances.json": json(coco) }),
    [
      "a.png 1 dent 20",
      "b.png 0 null null",
      "c.png 1 dent 5",
      "d.png 1 dent 5",
    ],
  );
});

Deno.test("openDataSet() prefers labels of folders and masks to annotations", async () => {
  const shapes = [{ label: "x", shape_type: "rectangle", points: BOX }];
  const tree = {
    "nut/good/1.png": image,
    "nut/good/1.json": json({ shapes }),
    "nut/bad/2.png": image,
    "nut/bad/2.json": json({ shapes }),
    "nut/bad/3.png": image,
    "nut/bad/3.json": json({ shapes }),
    "nut/mask/bad/3.png": await mask(4),
  };
  assert.deepEqual(await rowsOf(tree), [
    "2.png 1 bad 12",
    "3.png 1 bad 4",
    "1.png 0 null null",
  ]);
  const { notes } = await readTree(tree);
  assert.match(notes.join(), /1 good image with annotations of defects/);
});

Deno.test("openDataSet() leaves out annotations that say another size of their image", async () => {
  const labelme = (imageWidth: number, imageHeight: number) => {
    const shape = { label: "x", shape_type: "rectangle", points: BOX };
    return json({ imageWidth, imageHeight, shapes: [shape] });
  };
  const voc = (width: number, height: number) =>
    text.encode(
      `<annotation><size><width>${width}</width><height>${height}</height></size><object><name>x</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>2</ymax></bndbox></object></annotation>`,
    );
  const coco = (width: number, height: number) =>
    json({
      images: [{ id: 1, file_name: "a.png", width, height }],
      categories: [],
      annotations: [{ image_id: 1, category_id: 1, bbox: [1, 1, 3, 2] }],
    });
  for (const [name, of] of [["a.json", labelme], ["a.xml", voc]] as const) {
    const rows = (width: number, height: number) =>
      rowsOf({ "a.png": image, [name]: of(width, height) });
    assert.match((await rows(12, 8))[0]!, / 1 x \d+$/, name);
    assert.match((await rows(0, 0))[0]!, / 1 x \d+$/, name);
    assert.deepEqual(await rows(24, 16), ["a.png 1 x other_size"], name);
  }
  const rows = (width: number, height: number) =>
    rowsOf({ "a.png": image, "coco.json": coco(width, height) });
  assert.deepEqual(await rows(12, 8), ["a.png 1 null 6"]);
  assert.deepEqual(await rows(6, 4), ["a.png 1 null other_size"]);
});

Deno.test("openDataSet() reads the names of YOLO's classes from data.yaml", async () => {
  const yamls = [
    "nc: 2\nnames: ['good', \"scratch\"]\n",
    "names:\n  0: good\n  1: scratch\nnc: 2\n",
    "nc: 2\r\nnames:\r\n- good\r\n- scratch\r\n",
  ];
  for (const yaml of yamls) {
    const rows = await rowsOf({
      "test/images/a.png": image,
      "test/images/b.png": image,
      "test/labels/a.txt": text.encode("0 0.5 0.5 1 1\n"),
      "test/labels/b.txt": text.encode("0 0.5 0.5 1 1\n1 0.5 0.5 0.5 0.5\n"),
      "data.yaml": text.encode(yaml),
    });
    assert.deepEqual(rows, ["a.png 0 null null", "b.png 1 scratch 24"], yaml);
  }
});

Deno.test("openDataSet() tells of annotations that it does not read", async () => {
  const cvat = '<annotations><image name="a.png"></image></annotations>';
  const foreign = await readTree({
    "a.png": image,
    "annotations.xml": text.encode(cvat),
    "via.json": json({ _via_img_metadata: {} }),
    "camera.json": json({ exposure: 3 }),
  });
  assert.deepEqual(foreign.notes, [
    "2 files of annotations in a form that is not read (COCO, labelme, Pascal VOC and YOLO are): annotations.xml, via.json",
  ]);
  const coco = (file_name: string) =>
    json({
      images: [{ id: 1, file_name }],
      annotations: [{ image_id: 1, bbox: [1, 1, 3, 2] }],
    });
  const images = { "x/a.png": image, "y/a.png": image };
  const { notes } = await readTree({ ...images, "c.json": coco("a.png") });
  assert.deepEqual(notes, [
    "1 name in annotations that several images have, not read (names may have folders): a.png",
  ]);
  const { rows } = await readTree({ ...images, "c.json": coco("x/a.png") });
  assert.deepEqual(rows.map(([, , label]) => label), [1, null]);
});
