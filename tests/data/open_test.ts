import assert from "node:assert/strict";
import { ImageDecodeError } from "../../lib/image/image.ts";
import { type DataSetOptions, openDataSet } from "../../lib/data/open.ts";
import { DataSetError, type Sample } from "../../lib/data/sample.ts";
import {
  below,
  jpeg,
  mask,
  mvtecTree,
  png,
  type Tree,
  withFile,
  withFolder,
} from "./trees.ts";

/** key, category, label, defect, and how many pixels of the mask are lit. */
type Row = [string, string, 0 | 1 | null, string | null, number | null];

async function toRow(sample: Sample): Promise<Row> {
  const { key, category, label, defect } = sample;
  const lit = await sample.mask?.();
  const count = lit?.data.reduce((sum, value) => sum + value, 0) ?? null;
  return [key, category, label, defect, count];
}

async function rowsOf(
  location: string,
  options?: DataSetOptions,
): Promise<Row[]> {
  const dataSet = await openDataSet(location, options);
  const rows = await Array.fromAsync(dataSet.samples(), toRow);
  assert.equal(rows.length, dataSet.size);
  return rows;
}

async function rowsOfTree(
  tree: Tree,
  options?: DataSetOptions,
): Promise<Row[]> {
  let rows: Row[] = [];
  await withFolder(tree, async (folder) => {
    rows = await rowsOf(folder, options);
  });
  return rows;
}

async function refusal(
  tree: Tree,
  options?: DataSetOptions,
): Promise<string> {
  let message = "";
  await withFolder(tree, async (folder) => {
    await assert.rejects(openDataSet(folder, options), (error) => {
      assert.ok(error instanceof DataSetError, String(error));
      assert.ok(error.message.includes(folder), error.message);
      message = error.message.replace(folder, "FOLDER");
      return true;
    });
  });
  return message;
}

const MVTEC_ROWS: Row[] = [
  ["bottle/test/broken_large/000.png", "bottle", 1, "broken_large", 5],
  ["bottle/test/broken_large/001.png", "bottle", 1, "broken_large", 6],
  ["bottle/test/good/000.png", "bottle", 0, null, null],
  ["metal_nut/test/bent/000.PNG", "metal_nut", 1, "bent", 7],
  ["metal_nut/test/good/000.png", "metal_nut", 0, null, null],
];

Deno.test("openDataSet() reads the layout of MVTec AD", async () => {
  await withFolder(await mvtecTree(), async (folder) => {
    assert.deepEqual(await rowsOf(folder), MVTEC_ROWS);
    const dataSet = await openDataSet(folder);
    assert.deepEqual(dataSet.categories, ["bottle", "metal_nut"]);
    const [first] = await Array.fromAsync(dataSet.samples());
    const image = await first!.image();
    assert.deepEqual([image.width, image.height, image.data[0]], [12, 8, 10]);
  });
});

Deno.test("openDataSet() reads one category's folder", async () => {
  await withFolder(await mvtecTree(), async (folder) => {
    const rows = await rowsOf(`${folder}/bottle/`);
    const expected = MVTEC_ROWS.slice(0, 3).map(([key, ...rest]) => [
      key.replace("bottle/", ""),
      ...rest,
    ]);
    assert.deepEqual(rows, expected);
  });
});

Deno.test("openDataSet() looks into a folder that is the only one", async () => {
  const readme = { "readme.txt": new Uint8Array(3) };
  const tree = { ...below("a/b", await mvtecTree()), ...readme };
  assert.deepEqual(await rowsOfTree(tree), MVTEC_ROWS);
});

Deno.test("openDataSet() takes the train split when asked", async () => {
  const rows = await rowsOfTree(await mvtecTree(), { split: "train" });
  assert.deepEqual(rows, [
    ["bottle/train/good/000.png", "bottle", 0, null, null],
    ["metal_nut/train/good/000.png", "metal_nut", 0, null, null],
  ]);
});

Deno.test("openDataSet() pairs masks by name, never by position", async () => {
  const images = {
    "screw/test/good/000.png": await png(1),
    "screw/test/named/003.png": await png(2),
    "screw/test/named/007.png": await png(3),
    "screw/test/placed/a.png": await png(4),
    "screw/test/placed/b.png": await png(5),
    "screw/test/unpaired/000.png": await png(6),
    "screw/test/unpaired/001.png": await png(7),
  };
  const masks = {
    "screw/ground_truth/named/007_mask.png": await mask(1),
    "screw/ground_truth/placed/x.png": await mask(2),
    "screw/ground_truth/placed/y.png": await mask(3),
    "screw/ground_truth/unpaired/z.png": await mask(4),
  };
  const rows = await rowsOfTree({ ...images, ...masks });
  assert.deepEqual(rows.map(([key, , , , lit]) => [key.slice(11), lit]), [
    ["good/000.png", null],
    ["named/003.png", null],
    ["named/007.png", 1],
    ["placed/a.png", null],
    ["placed/b.png", null],
    ["unpaired/000.png", null],
    ["unpaired/001.png", null],
  ]);
});

function csv(...lines: string[]): Uint8Array {
  const text = ["object,split,label,image,mask", ...lines, ""].join("\r\n");
  return new TextEncoder().encode(text);
}

const VISA_LINES = [
  "candle,test,normal,candle/Data/Images/Normal/0001.JPG,",
  "candle,test,anomaly,candle/Data/Images/Anomaly/000.JPG,candle/Data/Masks/Anomaly/000.png",
  "candle,train,normal,candle/Data/Images/Normal/0000.JPG,",
  "pcb1,test,anomaly,pcb1/Data/Images/Anomaly/000.JPG,pcb1/Data/Masks/Anomaly/000.png",
];

async function visaTree(): Promise<Tree> {
  return {
    "candle/Data/Images/Anomaly/000.JPG": await jpeg(30),
    "candle/Data/Images/Normal/0000.JPG": await jpeg(31),
    "candle/Data/Images/Normal/0001.JPG": await jpeg(32),
    "candle/Data/Masks/Anomaly/000.png": await mask(9),
    "candle/image_anno.csv": new Uint8Array(),
    "pcb1/Data/Images/Anomaly/000.JPG": await jpeg(33),
    "pcb1/Data/Masks/Anomaly/000.png": await mask(8),
    "split_csv/1cls.csv": csv(...VISA_LINES),
  };
}

Deno.test("openDataSet() reads the original layout of VisA", async () => {
  assert.deepEqual(await rowsOfTree(await visaTree()), [
    ["candle/Data/Images/Anomaly/000.JPG", "candle", 1, null, 9],
    ["candle/Data/Images/Normal/0001.JPG", "candle", 0, null, null],
    ["pcb1/Data/Images/Anomaly/000.JPG", "pcb1", 1, null, 8],
  ]);
  assert.deepEqual(await rowsOfTree(await visaTree(), { split: "train" }), [
    ["candle/Data/Images/Normal/0000.JPG", "candle", 0, null, null],
  ]);
});

Deno.test("openDataSet() refuses VisA with a list that does not fit", async () => {
  const tree = await visaTree();
  const list = "split_csv/1cls.csv";
  const { [list]: _, ...without } = tree;
  assert.match(await refusal(without), /VisA must come with its list/);
  const { "pcb1/Data/Images/Anomaly/000.JPG": __, ...short } = tree;
  assert.match(await refusal(short), /1 of 3 missing, the first is pcb1\/Data/);
  const odd = VISA_LINES.map((line) => line.replace("anomaly,", "bad,"));
  assert.match(
    await refusal({ ...tree, [list]: csv(...odd) }),
    /must be normal or anomaly: current value is "bad"$/,
  );
  assert.match(
    await refusal({ ...tree, [list]: csv("candle,test") }),
    /line 2 of split_csv\/1cls.csv must have 5 fields/,
  );
  const header = new TextEncoder().encode("a,b,c\n");
  assert.match(
    await refusal({ ...tree, [list]: header }),
    /must name object,split,label,image,mask: current value is "a,b,c"$/,
  );
});

Deno.test("openDataSet() reads the prepared layout of VisA", async () => {
  const prepared = {
    "candle/ground_truth/bad/000.png": await mask(3),
    "candle/test/bad/000.JPG": await jpeg(1),
    "candle/test/good/0001.JPG": await jpeg(2),
    "candle/train/good/0000.JPG": await jpeg(3),
  };
  const tree = {
    ...below("VisA_pytorch/1cls", prepared),
    ...below("VisA_pytorch/2cls_fewshot", prepared),
  };
  assert.deepEqual(await rowsOfTree(tree), [
    ["candle/test/bad/000.JPG", "candle", 1, "bad", 3],
    ["candle/test/good/0001.JPG", "candle", 0, null, null],
  ]);
});

const META = {
  train: { tubes: [] },
  test: {
    tubes: [
      {
        img_path: "tubes/images/b.png",
        mask_path: "",
        cls_name: "tubes",
        specie_name: "good",
        anomaly: 0,
      },
      {
        img_path: "tubes/images/a.png",
        mask_path: "tubes/annotations/a.png",
        cls_name: "tubes",
        specie_name: "anomalous",
        anomaly: 1,
      },
    ],
    plate: [],
  },
};

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

async function metaTree(meta: unknown): Promise<Tree> {
  return {
    "meta.json": json(meta),
    "tubes/images/a.png": await png(1),
    "tubes/images/b.png": await png(2),
    "tubes/annotations/a.png": await mask(4),
  };
}

Deno.test("openDataSet() reads a meta.json list", async () => {
  const tree = await metaTree(META);
  assert.deepEqual(await rowsOfTree(tree), [
    ["tubes/images/a.png", "tubes", 1, "anomalous", 4],
    ["tubes/images/b.png", "tubes", 0, null, null],
  ]);
  await withFolder(tree, async (folder) => {
    const { categories } = await openDataSet(folder);
    assert.deepEqual(categories, ["plate", "tubes"]);
  });
});

Deno.test("openDataSet() refuses a meta.json list that does not fit", async () => {
  const [good, bad] = META.test.tubes;
  const withEntries = async (...tubes: unknown[]) =>
    await refusal(await metaTree({ test: { tubes } }));
  assert.match(await withEntries({ ...good, anomaly: 2 }), /anomaly 0 or 1/);
  assert.match(await withEntries("x"), /must have img_path.* is "x"$/);
  assert.match(
    await withEntries({ ...good, img_path: "../secret.png" }),
    /1 of 1 missing, the first is \.\.\/secret\.png$/,
  );
  assert.match(
    await withEntries(good, bad, good),
    /each image must be listed once: current value is tubes\/images\/b\.png$/,
  );
  const broken = { ...await metaTree(META), "meta.json": json(META).slice(9) };
  assert.match(await refusal(broken), /meta\.json must be valid JSON/);
});

Deno.test("openDataSet() takes plain folders without labels", async () => {
  const tree = {
    "1.JPEG": await jpeg(1),
    "nested/deeper/2.png": await png(2),
    "nested/.git/3.png": await png(3),
    "__MACOSX/nested/._2.png": new Uint8Array(5),
    "notes.txt": new Uint8Array(5),
    "other/a_png.jpg": await png(4),
  };
  await withFolder(tree, async (folder) => {
    assert.deepEqual(await rowsOf(folder), [
      ["1.JPEG", "object", null, null, null],
      ["nested/deeper/2.png", "nested", null, null, null],
      ["other/a_png.jpg", "other", null, null, null],
    ]);
    const options = { object: "gear wheel", categories: ["gear wheel"] };
    const rows = await rowsOf(folder, options);
    assert.deepEqual(rows.map(([, category]) => category), ["gear wheel"]);
    const samples = await Array.fromAsync(
      (await openDataSet(folder)).samples(),
    );
    assert.equal((await samples[2]!.image()).data[0], 4);
  });
});

Deno.test("openDataSet() lists images that cannot be decoded", async () => {
  const tree = {
    "a.svg": new TextEncoder().encode("<svg/>"),
    "b.png": new Uint8Array(),
    "c.png": (await png(1)).slice(0, 60),
    "d.png": await png(2),
  };
  await withFolder(tree, async (folder) => {
    const samples = await Array.fromAsync(
      (await openDataSet(folder)).samples(),
    );
    const expected = [/is SVG/, /is 0 bytes/, /PNG data must be whole/];
    for (const [i, message] of expected.entries()) {
      await assert.rejects(samples[i]!.image(), {
        name: "ImageDecodeError",
        message,
      });
    }
    assert.equal((await samples[3]!.image()).width, 12);
  });
});

Deno.test("openDataSet() keeps empty categories in its list", async () => {
  await withFolder(await mvtecTree(), async (folder) => {
    await Deno.mkdir(`${folder}/cable/test/good`, { recursive: true });
    await Deno.mkdir(`${folder}/empty`);
    const dataSet = await openDataSet(folder);
    const all = ["bottle", "cable", "empty", "metal_nut"];
    assert.deepEqual(dataSet.categories, all);
    assert.equal(dataSet.size, 5);
    await assert.rejects(openDataSet(folder, { categories: ["cable"] }), {
      name: "DataSetError",
      message: /it must hold images: current value is no test image in cable$/,
    });
  });
});

Deno.test("openDataSet() filters categories and limits samples", async () => {
  const tree = await mvtecTree();
  const nuts = await rowsOfTree(tree, { categories: ["metal_nut"] });
  assert.deepEqual(nuts, MVTEC_ROWS.slice(3));
  assert.deepEqual(
    await rowsOfTree(tree, { limitTotal: 4 }),
    MVTEC_ROWS.slice(0, 4),
  );
  await withFolder(tree, async (folder) => {
    const { categories } = await openDataSet(folder, { limitTotal: 2 });
    assert.deepEqual(categories, ["bottle"]);
  });
  assert.equal(
    await refusal(tree, { categories: ["bottle", "bolt"] }),
    "Cannot open the data set at FOLDER as its categories must be among bottle, metal_nut: current value is bolt",
  );
  await assert.rejects(openDataSet("x", { limit: 0 }), RangeError);
  await assert.rejects(openDataSet("x", { object: "" }), RangeError);
});

Deno.test("openDataSet() refuses what holds no images", async () => {
  assert.equal(
    await refusal({ "notes.txt": new Uint8Array(2) }),
    "Cannot open the data set at FOLDER as it must hold images: current value is no image in any folder",
  );
  await assert.rejects(openDataSet("does/not/exist"), {
    name: "DataSetError",
    message: /at does\/not\/exist as there must be a folder or an archive/,
  });
  await withFile("photo.txt", await png(1), async (path) => {
    await assert.rejects(openDataSet(path), {
      name: "DataSetError",
      message: /must be a folder, a \.zip, \.tar, \.tar\.gz or \.tar\.xz/,
    });
  });
});

Deno.test("openDataSet() checks masks against their images", async () => {
  const tree = {
    ...await mvtecTree(),
    "bottle/ground_truth/broken_large/000_mask.png": await mask(5, 13),
    "bottle/ground_truth/broken_large/001_mask.png": new Uint8Array(),
  };
  await withFolder(tree, async (folder) => {
    const samples = await Array.fromAsync(
      (await openDataSet(folder)).samples(),
    );
    await assert.rejects(samples[0]!.mask!(), {
      name: "ImageDecodeError",
      message:
        "Cannot use the mask of bottle/test/broken_large/000.png as it must have the size of its image, 12 x 8: current value is 13 x 8",
    });
    await assert.rejects(samples[1]!.mask!(), {
      name: "ImageDecodeError",
      message: /^Cannot decode the mask as its file must not be empty/,
    });
  });
});

Deno.test("openDataSet() hands decoding options on", async () => {
  await withFolder(await mvtecTree(), async (folder) => {
    const dataSet = await openDataSet(folder, { maxPixels: 95 });
    const [first] = await Array.fromAsync(dataSet.samples());
    await assert.rejects(first!.image(), ImageDecodeError);
    await assert.rejects(first!.mask!(), ImageDecodeError);
  });
});

Deno.test("openDataSet() follows links, but not in circles", async () => {
  await withFolder(await mvtecTree(), async (folder) => {
    await withFolder({}, async (other) => {
      await Deno.symlink(`${folder}/bottle`, `${other}/flask`);
      await Deno.symlink(other, `${other}/loop`);
      await Deno.symlink(`${other}/nowhere`, `${other}/dangling.png`);
      const { categories, size, reading } = await openDataSet(other);
      assert.deepEqual(categories, ["flask"]);
      assert.equal(size, 3);
      assert.deepEqual(reading?.notes, [
        "1 image outside of the layout, not read: dangling.png",
      ]);
    });
  });
});
