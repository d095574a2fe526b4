import assert from "node:assert/strict";
import type { Split } from "../../../lib/data/layouts/layout.ts";
import { openDataSet } from "../../../lib/data/open.ts";
import type { Sample } from "../../../lib/data/sample.ts";
import { greyBmp, greyPng, lit } from "../rasters.ts";
import {
  below,
  entriesOf,
  jpeg,
  packTar,
  packZip,
  type Tree,
  withFile,
  withFolder,
} from "../trees.ts";

/** key, category, label, defect, lit pixels of the mask, grey of pixel 0. */
type Row = [string, string, 0 | 1 | null, string | null, number | null, number];

async function toRow(sample: Sample): Promise<Row> {
  const { key, category, label, defect } = sample;
  const { data } = await sample.image();
  const mask = await sample.mask?.();
  const count = mask?.data.reduce((sum, value) => sum + value, 0) ?? null;
  return [key, category, label, defect, count, data[0]!];
}

async function rowsAt(location: string, split: Split): Promise<Row[]> {
  const { samples } = await openDataSet(location, { split });
  const rows = await Array.fromAsync(samples(), toRow);
  return rows.sort(([a], [b]) => a < b ? -1 : 1);
}

/** Reads a tree as a folder and as archives, which must read the same. */
async function rowsOf(tree: Tree, split: Split = "test"): Promise<Row[]> {
  let rows: Row[] = [];
  await withFolder(tree, async (folder) => {
    rows = await rowsAt(folder, split);
  });
  const archives = [
    ["set.zip", packZip(entriesOf(tree))],
    ["set.tar", await packTar(entriesOf(tree))],
  ] as const;
  for (const [name, data] of archives) {
    await withFile(name, data, async (path) => {
      assert.deepEqual(await rowsAt(path, split), rows, name);
    });
  }
  return rows;
}

/** An image of one grey, as PNG or BMP. */
function png(value: number): Uint8Array {
  return greyPng(lit(96, value));
}

function bmp(value: number): Uint8Array {
  return greyBmp(lit(96, value));
}

const README = new TextEncoder().encode("License type: CC-BY-SA");

Deno.test("openDataSet() reads MVTec AD with its grey images", async () => {
  const tree = {
    "grid/ground_truth/thread/000_mask.png": greyPng(lit(3, 255)),
    "grid/ground_truth/thread/001_mask.png": greyPng(lit(4, 255)),
    "grid/license.txt": README,
    "grid/readme.txt": README,
    "grid/test/good/000.png": png(90),
    "grid/test/thread/000.png": png(91),
    "grid/test/thread/001.png": png(92),
    "grid/train/good/000.png": png(93),
  };
  assert.deepEqual(await rowsOf(below("mvtec_anomaly_detection", tree)), [
    ["grid/test/good/000.png", "grid", 0, null, null, 90],
    ["grid/test/thread/000.png", "grid", 1, "thread", 3, 91],
    ["grid/test/thread/001.png", "grid", 1, "thread", 4, 92],
  ]);
});

Deno.test("openDataSet() reads VisA, its masks of class numbers too", async () => {
  const list = [
    "object,split,label,image,mask",
    "fryum,test,normal,fryum/Data/Images/Normal/0001.JPG,",
    "fryum,test,anomaly,fryum/Data/Images/Anomaly/000.JPG,fryum/Data/Masks/Anomaly/000.png",
    "fryum,test,anomaly,fryum/Data/Images/Anomaly/001.JPG,fryum/Data/Masks/Anomaly/001.png",
    "",
  ];
  const tree = {
    "fryum/Data/Images/Anomaly/000.JPG": await jpeg(30),
    "fryum/Data/Images/Anomaly/001.JPG": await jpeg(31),
    "fryum/Data/Images/Normal/0001.JPG": await jpeg(32),
    "fryum/Data/Masks/Anomaly/000.png": greyPng(lit(5, 1)),
    "fryum/Data/Masks/Anomaly/001.png": greyPng(lit(6, 3)),
    "fryum/image_anno.csv": README,
    "LICENSE-DATASET": README,
    "split_csv/1cls.csv": new TextEncoder().encode(list.join("\n")),
    "split_csv/2cls_fewshot.csv": README,
  };
  assert.deepEqual(await rowsOf(tree), [
    ["fryum/Data/Images/Anomaly/000.JPG", "fryum", 1, null, 5, 30],
    ["fryum/Data/Images/Anomaly/001.JPG", "fryum", 1, null, 6, 31],
    ["fryum/Data/Images/Normal/0001.JPG", "fryum", 0, null, null, 32],
  ]);
});

Deno.test("openDataSet() reads MPDD", async () => {
  const tree = {
    "bracket_black/ground_truth/hole/000_mask.png": greyPng(lit(2, 255)),
    "bracket_black/test/good/000.png": png(10),
    "bracket_black/test/hole/000.png": png(11),
    "bracket_black/train/good/000.png": png(12),
    "connector/ground_truth/parts_mismatch/000_mask.png": greyPng(lit(7, 255)),
    "connector/test/parts_mismatch/000.png": png(13),
    "connector/train/good/000.png": png(14),
  };
  assert.deepEqual(await rowsOf(below("MPDD", tree)), [
    ["bracket_black/test/good/000.png", "bracket_black", 0, null, null, 10],
    ["bracket_black/test/hole/000.png", "bracket_black", 1, "hole", 2, 11],
    [
      "connector/test/parts_mismatch/000.png",
      "connector",
      1,
      "parts_mismatch",
      7,
      13,
    ],
  ]);
});

const BTAD: Tree = {
  "01/ground_truth/ko/0000.png": greyPng(lit(3, 255)),
  "01/test/ko/0000.bmp": bmp(40),
  "01/test/ok/0021.bmp": bmp(41),
  "01/train/ok/0000.bmp": bmp(42),
  "02/ground_truth/ko/0000.png": greyPng(lit(4, 255)),
  "02/test/ko/0000.png": png(43),
  "02/train/ok/0000.png": png(44),
  "03/ground_truth/ko/0000.bmp": greyBmp(lit(5, 255)),
  "03/test/ko/0000.bmp": bmp(45),
  "03/test/ok/0000.bmp": bmp(46),
  "README.txt": README,
};

Deno.test("openDataSet() reads BTAD, where good images are ok", async () => {
  const tree = below("BTech_Dataset_transformed", BTAD);
  assert.deepEqual(await rowsOf(tree), [
    ["01/test/ko/0000.bmp", "01", 1, "ko", 3, 40],
    ["01/test/ok/0021.bmp", "01", 0, null, null, 41],
    ["02/test/ko/0000.png", "02", 1, "ko", 4, 43],
    ["03/test/ko/0000.bmp", "03", 1, "ko", 5, 45],
    ["03/test/ok/0000.bmp", "03", 0, null, null, 46],
  ]);
  assert.deepEqual(await rowsOf(tree, "train"), [
    ["01/train/ok/0000.bmp", "01", 0, null, null, 42],
    ["02/train/ok/0000.png", "02", 0, null, null, 44],
  ]);
});

Deno.test("openDataSet() reads one category's folder of BTAD", async () => {
  await withFolder(BTAD, async (folder) => {
    assert.deepEqual(await rowsAt(`${folder}/03`, "test"), [
      ["test/ko/0000.bmp", "03", 1, "ko", 5, 45],
      ["test/ok/0000.bmp", "03", 0, null, null, 46],
    ]);
  });
});

Deno.test("openDataSet() reads DAGM, defective images of both parts", async () => {
  const tree = {
    "Class1/Test/0001.PNG": png(50),
    "Class1/Test/0002.PNG": png(51),
    "Class1/Test/Label/0002_label.PNG": greyPng(lit(6, 255)),
    "Class1/Test/Label/Labels.txt": README,
    "Class1/Train/0576.PNG": png(52),
    "Class1/Train/0577.PNG": png(53),
    "Class1/Train/Label/0577_label.PNG": greyPng(lit(7, 255)),
    "Class10/Test/0001.PNG": png(54),
  };
  const wrapped = below("DAGM_KaggleUpload", tree);
  assert.deepEqual(await rowsOf(wrapped), [
    ["Class1/Test/0001.PNG", "Class1", 0, null, null, 50],
    ["Class1/Test/0002.PNG", "Class1", 1, null, 6, 51],
    ["Class10/Test/0001.PNG", "Class10", 0, null, null, 54],
  ]);
  assert.deepEqual(await rowsOf(wrapped, "train"), [
    ["Class1/Train/0576.PNG", "Class1", 0, null, null, 52],
    ["Class1/Train/0577.PNG", "Class1", 1, null, 7, 53],
  ]);
});

async function kolektorTree(): Promise<Tree> {
  return {
    "kos01/Part0.jpg": await jpeg(60),
    "kos01/Part0_label.bmp": greyBmp(lit(0, 255)),
    "kos01/Part5.jpg": await jpeg(61),
    "kos01/Part5_label.bmp": greyBmp(lit(8, 255)),
    "kos50/Part0.jpg": await jpeg(62),
    "kos50/Part0_label.bmp": greyBmp(lit(0, 255)),
  };
}

Deno.test("openDataSet() labels KolektorSDD by its masks", async () => {
  const category = "electrical commutators";
  const expected: Row[] = [
    ["kos01/Part0.jpg", category, 0, null, null, 60],
    ["kos01/Part5.jpg", category, 1, null, 8, 61],
    ["kos50/Part0.jpg", category, 0, null, null, 62],
  ];
  const tree = await kolektorTree();
  assert.deepEqual(await rowsOf(tree), expected);
  assert.deepEqual(await rowsOf(below("KolektorSDD", tree)), expected);
  await withFolder(tree, async (folder) => {
    await assert.rejects(openDataSet(folder, { split: "train" }), {
      name: "DataSetError",
      message: /no train image in electrical commutators$/,
    });
  });
});

Deno.test("openDataSet() refuses KolektorSDD with a mask amiss", async () => {
  const { "kos50/Part0_label.bmp": _, ...without } = await kolektorTree();
  const broken = { ...without, "kos50/Part0_label.bmp": new Uint8Array(9) };
  const cases = [
    [
      without,
      /kos50\/Part0\.jpg must have a mask: .* kos50\/Part0_label\.bmp$/,
    ],
    [broken, /kos50\/Part0_label\.bmp must be a mask, as it tells whether/],
  ] as const;
  for (const [tree, message] of cases) {
    await withFolder(tree, async (folder) => {
      await assert.rejects(openDataSet(folder), {
        name: "DataSetError",
        message,
      });
    });
  }
});

Deno.test("openDataSet() reads SDD as the field prepares it", async () => {
  const tree = {
    "ground_truth/defect/kos01_Part5_1_mask.png": greyPng(lit(9, 255)),
    "test/defect/kos01_Part5_1.png": png(63),
    "test/good/kos01_Part5_0.png": png(64),
    "train/good/kos01_Part0_0.png": png(65),
  };
  const category = "electrical commutators";
  assert.deepEqual(await rowsOf(below(`SDD/${category}`, tree)), [
    [`${category}/test/defect/kos01_Part5_1.png`, category, 1, "defect", 9, 63],
    [`${category}/test/good/kos01_Part5_0.png`, category, 0, null, null, 64],
  ]);
});

Deno.test("openDataSet() reads DTD-Synthetic", async () => {
  const tree = {
    "Blotchy_099/ground_truth/bad/000_mask.png": greyPng(lit(3, 255)),
    "Blotchy_099/test/bad/000.png": png(70),
    "Blotchy_099/test/good/000.png": png(71),
    "Blotchy_099/train/good/000.png": png(72),
    "Woven_001/ground_truth/bad/000_mask.png": greyPng(lit(4, 255)),
    "Woven_001/test/bad/000.png": png(73),
    "Woven_001/train/good/000.png": png(74),
  };
  assert.deepEqual(await rowsOf(below("DTD-Synthetic", tree)), [
    ["Blotchy_099/test/bad/000.png", "Blotchy_099", 1, "bad", 3, 70],
    ["Blotchy_099/test/good/000.png", "Blotchy_099", 0, null, null, 71],
    ["Woven_001/test/bad/000.png", "Woven_001", 1, "bad", 4, 73],
  ]);
});
