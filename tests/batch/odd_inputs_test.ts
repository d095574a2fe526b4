import assert from "node:assert/strict";
import { fingerprint } from "../../lib/methods/fingerprint.ts";
import { planRun } from "../../lib/batch/plan.ts";
import { allStores } from "../../lib/batch/stores.ts";
import type {
  ObjectInfo,
  ObjectStore,
} from "../../lib/storage/object_store.ts";
import { entriesOf, packZip, png, withFolder } from "../data/trees.ts";
import { MemoryStore } from "./_memory_store.ts";
import {
  input,
  itemsOf,
  mergeTimeless,
  only,
  options,
  scoreAll,
  withHooks,
  withOut,
} from "./_runs.ts";

const text = new TextEncoder();

Deno.test("planRun() gives keys with empty parts those that results can have", async () => {
  const data = new MemoryStore("data");
  const keys = ["/1.png", "a//2.png", "a/3.png", "a//3.png", "b c+é/4%.png"];
  for (const [i, key] of keys.entries()) {
    await data.put(key, new Uint8Array(await png(i)));
  }
  const stores = only(data);
  await withOut(async (out) => {
    const uri = data.uri;
    const plan = await planRun({ uri, stores }, out, options());
    assert.deepEqual(plan.header.categories, ["a", "b c+é", "object"]);
    await scoreAll(plan, { stores });
    const { rows } = await mergeTimeless(plan, stores);
    assert.deepEqual(
      rows.map(({ key, category, error }) => [key, category, error === null]),
      [
        ["1.png", "object", true],
        ["a//3.png", "a", false],
        ["a/2.png", "a", true],
        ["a/3.png", "a", true],
        ["b c+é/4%.png", "b c+é", true],
      ],
    );
  });
});

Deno.test("planRun() reads lists whose addresses start with a dot", async () => {
  const tree = {
    "list.csv": text.encode("uri\n./images/1.png\nimages/./2 #.png\n"),
    "twice.csv": text.encode("uri\n./images/1.png\nimages/1.png\n"),
    "images/1.png": await png(1),
    "images/2 #.png": await png(2),
  };
  await withFolder(tree, async (folder) => {
    await withOut(async (out) => {
      const plan = await planRun(input(`${folder}/list.csv`), out, options());
      const [outcome] = await scoreAll(plan);
      assert.deepEqual([outcome?.done, outcome?.errors], [2, 0]);
      const keys = (await itemsOf(plan)).map(({ key }) => key);
      assert.deepEqual(keys, ["images/1.png", "images/2 #.png"]);
      await assert.rejects(
        () => planRun(input(`${folder}/twice.csv`), out, options()),
        /must name each image once: current value is file:.*\/images\/1\.png twice$/,
      );
    });
  });
});

Deno.test("planRun() takes the test images of a list, as eval does", async () => {
  const list = "uri,label,split\na/1.png,0,train\na/2.png,1,Test\n";
  const tree = {
    "list.csv": text.encode(list),
    "a/1.png": await png(1),
    "a/2.png": await png(2),
  };
  await withFolder(tree, async (folder) => {
    await withOut(async (out) => {
      const plan = await planRun(input(`${folder}/list.csv`), out, options());
      assert.deepEqual((await itemsOf(plan)).map(({ key }) => key), [
        "a/2.png",
      ]);
    });
  });
});

Deno.test("planRun() reads the paths of Windows in lists", async () => {
  const list = "uri,label,mask\na\\1.png,0,\na\\2.png,1,m\\2.png\n";
  const tree = {
    "list.csv": text.encode(list),
    "a/1.png": await png(1),
    "a/2.png": await png(2),
    "m/2.png": await png(255),
  };
  await withFolder(tree, async (folder) => {
    await withOut(async (out) => {
      const plan = await planRun(input(`${folder}/list.csv`), out, options());
      assert.deepEqual((await itemsOf(plan)).map(({ key }) => key), [
        "a/1.png",
        "a/2.png",
      ]);
      assert.match(String((await itemsOf(plan))[1]?.masks[0]), /\/m\/2\.png$/);
      const [outcome] = await scoreAll(plan);
      assert.deepEqual([outcome?.done, outcome?.errors], [2, 0]);
    });
  });
});

Deno.test("planRun() tells one image named twice from two of one key", async () => {
  await withFolder({ "images/1.png": await png(1) }, async (folder) => {
    const at = folder.slice(1);
    const lists = {
      "address.csv": `uri\nimages/1.png\n${folder}/images/1.png\n`,
      "key.csv": `uri\n${at}/images/1.png\ns3://${at}/images/1.png\n`,
    };
    const messages = [
      /must name each image once: current value is file:.*1\.png twice$/,
      /must differ in more than the bucket or the form of the address: current values are .*1\.png and .*1\.png$/,
    ];
    await withOut(async (out) => {
      for (const [i, [name, list]] of Object.entries(lists).entries()) {
        await Deno.writeTextFile(`${folder}/${name}`, list);
        const planned = planRun(input(`${folder}/${name}`), out, options());
        await assert.rejects(planned, {
          name: "DataSetError",
          message: messages[i]!,
        });
      }
    });
  });
});

Deno.test("planRun() names the wrong line of a list, and shows its start", async () => {
  const long = "x".repeat(100_000);
  const list = text.encode(`{"uri":"1.png"}\n\n${long}\n`);
  await withFolder({ "list.jsonl": list }, async (folder) => {
    await withOut(async (out) => {
      const planned = planRun(input(`${folder}/list.jsonl`), out, options());
      await assert.rejects(planned, {
        name: "DataSetError",
        message:
          /as line 3 must be a JSON object: current value is "x{199}\.\.\.$/,
      });
    });
  });
});

Deno.test("planRun() refuses lists that can be read in two ways", async () => {
  const tree = {
    "columns.csv": text.encode("uri,label,uri\na.png,1,b.png\n"),
    "object.jsonl": text.encode('{"uri":{"key":"a.png"}}\n'),
    "label.jsonl": text.encode('{"uri":"a.png","label":["good"]}\n'),
  };
  const messages = [
    /the column uri is there twice"$/,
    /the uri of entry 1 must be text: current value is {"key":"a.png"}$/,
    /the label of entry 1 must be text: current value is \["good"\]$/,
  ];
  await withFolder(tree, async (folder) => {
    await withOut(async (out) => {
      for (const [i, name] of Object.keys(tree).entries()) {
        const message = messages[i]!;
        const planned = planRun(input(`${folder}/${name}`), out, options());
        await assert.rejects(planned, { name: "DataSetError", message });
      }
    });
  });
});

Deno.test("planRun() refuses categories that a list does not have", async () => {
  const tree = {
    "list.csv": text.encode("uri,category\n1.png,cup\n2.png,\n"),
    "1.png": await png(1),
    "2.png": await png(2),
  };
  await withFolder(tree, async (folder) => {
    await withOut(async (out) => {
      const plan = (categories: string[]) =>
        planRun(input(`${folder}/list.csv`), out, options({ categories }));
      assert.equal((await plan(["object"])).items.length, 1);
      await assert.rejects(plan(["cup", "mug"]), {
        name: "DataSetError",
        message: /must be among cup, object: current value is mug$/,
      });
    });
  });
});

Deno.test("runShard() opens archives whatever their name", async () => {
  const archive = packZip(entriesOf({ "1.png": await png(1) }));
  const names = ["a#b.zip", "a%20b.zip", "100%.zip", "a?b.zip", "é ü.zip"];
  const tree = Object.fromEntries(names.map((name) => [name, archive]));
  const stores = allStores();
  await withFolder(tree, async (folder) => {
    await withOut(async (out) => {
      for (const name of names) {
        const uri = `${folder}/${name}`;
        const plan = await planRun({ uri, stores }, out, options());
        const [outcome] = await scoreAll(plan, { stores });
        assert.deepEqual([outcome?.done, outcome?.errors], [1, 0], name);
      }
    });
  });
});

/** A store that says that some objects are larger than they are. */
function swollen(store: ObjectStore, names: RegExp): ObjectStore {
  const swell = (info: ObjectInfo) =>
    names.test(info.key) ? { ...info, size: 2 ** 40 } : info;
  return {
    ...withHooks(store, {}),
    async *list(prefix, options) {
      for await (const info of store.list(prefix, options)) yield swell(info);
    },
    async head(key, options) {
      const info = await store.head(key, options);
      return info && swell(info);
    },
    read(key, options) {
      if (!names.test(key)) return store.read(key, options);
      throw new Error(`${key} is too large to be read`);
    },
  };
}

Deno.test("runShard() reads no file that would not fit into memory", async () => {
  const data = new MemoryStore("data");
  await data.put("1.png", new Uint8Array(await png(1)));
  const stores = only(swollen(data, /1\.png$/));
  const out = new MemoryStore("out");
  const plan = await planRun({ uri: data.uri, stores }, out, options());
  await scoreAll(plan, { stores });
  const { rows: [row] } = await mergeTimeless(plan, stores);
  assert.match(row?.error ?? "", /^Cannot read 1\.png as .* at most \d+ bytes/);
});

Deno.test("runShard() reads neither a mask nor a list that would not fit", async () => {
  const data = new MemoryStore("data");
  const list = "uri,category,label,mask\n1.png,cup,1,m.png\n";
  await data.put("list.csv", text.encode(list));
  await data.put("1.png", new Uint8Array(await png(1)));
  await data.put("m.png", new Uint8Array(await png(1)));
  const out = new MemoryStore("out");
  const from = (names: RegExp) => ({
    uri: "list.csv",
    stores: only(swollen(data, names)),
  });
  const masks = from(/m\.png/);
  const plan = await planRun(masks, out, options());
  await scoreAll(plan, masks);
  const { rows: [row], summary } = await mergeTimeless(plan, masks.stores);
  assert.equal(row?.error, null);
  assert.deepEqual(summary.categories.cup?.mask_notes, { unreadable: 1 });
  await assert.rejects(
    planRun(from(/list/), out, options()),
    /^DataSetError: Cannot read memory:\/\/data\/list\.csv as .* at most/,
  );
});

Deno.test("fingerprint() follows links to weights", async () => {
  const tree = { "one": text.encode("1"), "two": text.encode("2") };
  await withFolder(tree, async (folder) => {
    const prints = new Set<string>();
    for (const name of ["one", "two"]) {
      await Deno.mkdir(`${folder}/${name}-model`);
      const link = `${folder}/${name}-model/model.safetensors`;
      await Deno.symlink(`${folder}/${name}`, link);
      prints.add(await fingerprint(`${folder}/${name}-model`));
    }
    assert.equal(prints.size, 2);
  });
});

Deno.test("planRun() keeps the size that annotations say their image has", async () => {
  const coco = {
    images: [{ id: 1, file_name: "1.png", width: 12, height: 8 }],
    annotations: [{ image_id: 1, category_id: 1, bbox: [0, 0, 2, 2] }],
    categories: [],
  };
  const tree = {
    "1.png": await png(1),
    "coco.json": text.encode(JSON.stringify(coco)),
  };
  await withFolder(tree, async (folder) => {
    await withOut(async (out) => {
      const plan = await planRun(input(folder), out, options());
      const [item] = await itemsOf(plan);
      const polygon = [[0, 0], [2, 0], [2, 2], [0, 2]];
      assert.deepEqual(item?.masks, [{ polygon, size: [12, 8] }]);
    });
  });
});
