import assert from "node:assert/strict";
import type { Split } from "../../../lib/data/layouts/layout.ts";
import { greyPng, lit } from "../rasters.ts";
import { readLocation, type ReadRow, readTree } from "../read_tree.ts";
import { entriesOf, jpeg, mask, packTar, packZip, png } from "../trees.ts";
import { type Tree, withFile } from "../trees.ts";

const image = await png(9);
const photo = await jpeg(9);
const text = new TextEncoder();
const black = greyPng(lit(0, 255));

/** Reads a tree as a folder and as archives, which must read the same. */
async function rowsOf(tree: Tree, split: Split = "test"): Promise<ReadRow[]> {
  const { rows } = await readTree(tree, { split });
  const archives = [
    ["set.zip", packZip(entriesOf(tree))],
    ["set.tar", await packTar(entriesOf(tree))],
  ] as const;
  for (const [name, data] of archives) {
    await withFile(name, data, async (path) => {
      assert.deepEqual((await readLocation(path, { split })).rows, rows, name);
    });
  }
  return rows;
}

Deno.test("openDataSet() reads MVTec LOCO with its folders of masks", async () => {
  const box = "breakfast_box";
  const truth = `${box}/ground_truth`;
  assert.deepEqual(
    await rowsOf({
      [`${box}/defects_config.json`]: text.encode("[]"),
      [`${box}/train/good/000.png`]: image,
      [`${box}/validation/good/000.png`]: image,
      [`${box}/test/good/000.png`]: image,
      [`${box}/test/logical_anomalies/000.png`]: image,
      [`${box}/test/logical_anomalies/001.png`]: image,
      [`${box}/test/structural_anomalies/000.png`]: image,
      [`${truth}/logical_anomalies/000/000.png`]: greyPng(lit(4, 255)),
      [`${truth}/logical_anomalies/000/001.png`]: greyPng(lit(7, 251)),
      [`${truth}/logical_anomalies/001/000.png`]: greyPng(lit(2, 250)),
      [`${truth}/structural_anomalies/000/000.png`]: greyPng(lit(3, 240)),
    }),
    [
      [`${box}/test/good/000.png`, box, 0, null, null],
      [
        `${box}/test/logical_anomalies/000.png`,
        box,
        1,
        "logical_anomalies",
        "7",
      ],
      [
        `${box}/test/logical_anomalies/001.png`,
        box,
        1,
        "logical_anomalies",
        "2",
      ],
      [
        `${box}/test/structural_anomalies/000.png`,
        box,
        1,
        "structural_anomalies",
        "3",
      ],
    ],
  );
});

Deno.test("openDataSet() reads MVTec AD 2, its public test images", async () => {
  const tree = {
    "can/train/good/000_regular.png": image,
    "can/validation/good/000_regular.png": image,
    "can/test_public/good/000_regular.png": image,
    "can/test_public/bad/000_overexposed.png": image,
    "can/test_public/ground_truth/bad/000_overexposed_mask.png": await mask(6),
    "can/test_private/000_regular.png": image,
    "can/test_private_mixed/000_mixed.png": image,
  };
  assert.deepEqual(await rowsOf(tree), [
    ["can/test_public/bad/000_overexposed.png", "can", 1, "bad", "6"],
    ["can/test_public/good/000_regular.png", "can", 0, null, null],
  ]);
  assert.deepEqual((await rowsOf(tree, "train")).map(([key]) => key), [
    "can/train/good/000_regular.png",
  ]);
  const { notes } = await readTree(tree);
  assert.deepEqual(notes, ["2 images of private tests, not read"]);
});

Deno.test("openDataSet() reads the photographs of MVTec 3D-AD", async () => {
  const tree: Tree = {
    "bagel/calibration/camera_parameters.json": text.encode("{}"),
    "bagel/train/good/rgb/000.png": image,
    "bagel/train/good/xyz/000.tiff": image,
  };
  for (const kind of ["good", "hole"]) {
    tree[`bagel/test/${kind}/rgb/000.png`] = image;
    tree[`bagel/test/${kind}/xyz/000.tiff`] = image;
    tree[`bagel/test/${kind}/gt/000.png`] = kind === "good"
      ? black
      : await mask(5);
  }
  assert.deepEqual(await rowsOf(tree), [
    ["bagel/test/good/rgb/000.png", "bagel", 0, null, null],
    ["bagel/test/hole/rgb/000.png", "bagel", 1, "hole", "5"],
  ]);
  const { notes } = await readTree(tree);
  assert.deepEqual(notes, ["3 depth maps, not read"]);
});

const JACK = "realiad_1024/audiojack";

async function realIad(): Promise<Tree> {
  return {
    [`${JACK}/OK/S0001/audiojack_0001_OK_C1_1.jpg`]: photo,
    [`${JACK}/OK/S0003/audiojack_0003_OK_C1_1.jpg`]: photo,
    [`${JACK}/NG/AK/S0002/audiojack_0002_NG_AK_C1_1.jpg`]: photo,
    [`${JACK}/NG/AK/S0002/audiojack_0002_NG_AK_C1_1.png`]: await mask(5),
  };
}

Deno.test("openDataSet() reads Real-IAD by its folders", async () => {
  assert.deepEqual(await rowsOf(await realIad()), [
    [
      "audiojack/NG/AK/S0002/audiojack_0002_NG_AK_C1_1.jpg",
      "audiojack",
      1,
      "AK",
      "5",
    ],
    [
      "audiojack/OK/S0001/audiojack_0001_OK_C1_1.jpg",
      "audiojack",
      0,
      null,
      null,
    ],
    [
      "audiojack/OK/S0003/audiojack_0003_OK_C1_1.jpg",
      "audiojack",
      0,
      null,
      null,
    ],
  ]);
});

Deno.test("openDataSet() reads Real-IAD by its lists", async () => {
  const entry = { category: "audiojack", anomaly_class: "OK", mask_path: null };
  const list = {
    meta: { normal_class: "OK", prefix: "audiojack/" },
    train: [{
      ...entry,
      image_path: "OK/S0001/audiojack_0001_OK_C1_1.jpg",
    }],
    test: [
      { ...entry, image_path: "OK/S0003/audiojack_0003_OK_C1_1.jpg" },
      {
        ...entry,
        anomaly_class: "AK",
        image_path: "NG/AK/S0002/audiojack_0002_NG_AK_C1_1.jpg",
        mask_path: "NG/AK/S0002/audiojack_0002_NG_AK_C1_1.png",
      },
    ],
  };
  const tree = {
    ...await realIad(),
    "realiad_jsons/realiad_jsons/audiojack.json": text.encode(
      JSON.stringify(list),
    ),
  };
  const { rows } = await readTree(tree);
  assert.deepEqual(
    rows.map(([key, , label, defect, lit]) => [
      key.split("/").at(-1),
      label,
      defect,
      lit,
    ]),
    [
      ["audiojack_0002_NG_AK_C1_1.jpg", 1, "AK", "5"],
      ["audiojack_0003_OK_C1_1.jpg", 0, null, null],
    ],
  );
  const train = await readTree(tree, { split: "train" });
  assert.equal(train.rows.length, 1);
});

Deno.test("openDataSet() reads KolektorSDD2, labelled by its masks", async () => {
  const tree = {
    "train/10000.png": image,
    "train/10000_GT.png": black,
    "test/20000.png": image,
    "test/20000_GT.png": await mask(8),
    "test/20001.png": image,
    "test/20001_GT.png": black,
  };
  assert.deepEqual(await rowsOf(tree), [
    ["test/20000.png", "set", 1, null, "8"],
    ["test/20001.png", "set", 0, null, null],
  ]);
  assert.equal((await rowsOf(tree, "train")).length, 1);
});

Deno.test("openDataSet() reads magnetic tiles", async () => {
  assert.deepEqual(
    await rowsOf({
      "MT_Crack/Imgs/exp1_num_1.jpg": photo,
      "MT_Crack/Imgs/exp1_num_1.png": await mask(5),
      "MT_Free/Imgs/exp1_num_2.jpg": photo,
      "MT_Free/Imgs/exp1_num_2.png": black,
      "MT_Uneven/Imgs/exp1_num_3.jpg": photo,
      "MT_Uneven/Imgs/exp1_num_3.png": black,
      "README.md": text.encode("x"),
    }),
    [
      ["MT_Crack/Imgs/exp1_num_1.jpg", "magnetic_tile", 1, "Crack", "5"],
      ["MT_Free/Imgs/exp1_num_2.jpg", "magnetic_tile", 0, null, null],
      ["MT_Uneven/Imgs/exp1_num_3.jpg", "magnetic_tile", 1, "Uneven", "empty"],
    ],
  );
});

Deno.test("openDataSet() reads anomalib's Folder", async () => {
  const { rows } = await readTree({
    "good/000.jpg": photo,
    "crack/000.jpg": photo,
    "hole/000.jpg": photo,
    "mask/crack/000.png": await mask(3),
    "mask/hole/000.png": await mask(4),
    "LICENSE": text.encode("x"),
  });
  assert.deepEqual(
    rows.map(([key, , label, kind, lit]) => [key, label, kind, lit]),
    [
      ["crack/000.jpg", 1, "crack", "3"],
      ["good/000.jpg", 0, null, null],
      ["hole/000.jpg", 1, "hole", "4"],
    ],
  );
});

Deno.test("openDataSet() reads DeepPCB, its boxes filled", async () => {
  const group = "PCBData/group00041";
  const tree = {
    [`${group}/00041/00041000_temp.jpg`]: photo,
    [`${group}/00041/00041000_test.jpg`]: photo,
    [`${group}/00041_not/00041000.txt`]: text.encode("1 2 4 5 1\n8 0 9 1 2\n"),
    [`${group}/00041/00041001_temp.jpg`]: photo,
    [`${group}/00041/00041001_test.jpg`]: photo,
    [`${group}/00041_not/00041001.txt`]: text.encode("0 0 2 2 4\n"),
    "PCBData/test.txt": text.encode(
      "group00041/00041/00041000.jpg group00041/00041_not/00041000.txt\n",
    ),
    "PCBData/trainval.txt": text.encode(
      "group00041/00041/00041001.jpg group00041/00041_not/00041001.txt\n",
    ),
  };
  const rows = await rowsOf(tree);
  assert.deepEqual(rows.map(([key, ...rest]) => [key.slice(-9), ...rest]), [
    ["_temp.jpg", "printed_circuit_board", 0, null, null],
    ["_test.jpg", "printed_circuit_board", 1, "open+short", "10"],
  ]);
  assert.equal((await rowsOf(tree, "train"))[1]?.[4], "4");
});

Deno.test("openDataSet() reads ELPV and cuts its probabilities", async () => {
  const lines = [
    "images/cell0001.png  1.0                 mono",
    "images/cell0002.png  0.3333333333333333  poly",
    "images/cell0003.png  0.0                 poly",
  ];
  const tree = {
    "labels.csv": text.encode(lines.join("\n")),
    "images/cell0001.png": image,
    "images/cell0002.png": image,
    "images/cell0003.png": image,
  };
  const labels = async (labelThreshold: number) =>
    (await readTree(tree, { labelThreshold })).rows
      .map(([, category, label]) => `${category} ${label}`);
  assert.deepEqual(await labels(0.5), [
    "solar_cell_mono 1",
    "solar_cell_poly 0",
    "solar_cell_poly 0",
  ]);
  assert.deepEqual(await labels(0.3), [
    "solar_cell_mono 1",
    "solar_cell_poly 1",
    "solar_cell_poly 0",
  ]);
});

Deno.test("openDataSet() reads images and masks side by side", async () => {
  const { rows } = await readTree({
    "Source Images/1.bmp": image,
    "Source Images/2.bmp": image,
    "Ground truth/1.png": await mask(3),
    "Ground truth/2.png": black,
  });
  assert.deepEqual(rows.map(([key, , label, , lit]) => [key, label, lit]), [
    ["Source Images/1.bmp", 1, "3"],
    ["Source Images/2.bmp", 0, null],
  ]);
});

Deno.test("openDataSet() asks only for the files of the categories it takes", async () => {
  const entry = { anomaly: 0, specie_name: "good", mask_path: "" };
  const meta = {
    test: {
      nut: [{ ...entry, cls_name: "nut", img_path: "nut/1.png" }],
      bolt: [{ ...entry, cls_name: "bolt", img_path: "bolt/1.png" }],
    },
  };
  const tree = {
    "meta.json": text.encode(JSON.stringify(meta)),
    "nut/1.png": image,
  };
  const { rows } = await readTree(tree, { categories: ["nut"] });
  assert.deepEqual(rows.map(([key]) => key), ["nut/1.png"]);
  await assert.rejects(
    readTree(tree),
    /1 of 2 missing, the first is bolt\/1\.png \(all of bolt; --category takes others\)$/,
  );
});

Deno.test("openDataSet() refuses a layout that the files do not have", async () => {
  await assert.rejects(
    readTree({ "a/1.png": image }, { layout: "visa" }),
    /its layout must be visa: current value is another one$/,
  );
});
