import assert from "node:assert/strict";
import { DATA_SETS } from "../../lib/hub/data_sets.ts";
import {
  below,
  entriesOf,
  mask,
  packZip,
  png,
  type Tree,
} from "../data/trees.ts";
import { namesIn, withTemporary } from "../hub/_downloads.ts";
import { serve } from "../hub/_server.ts";
import type { Outcome } from "./_console.ts";

const ROOT = new URL("../..", import.meta.url);

interface RunOptions {
  readonly cache: string;
  readonly verb?: string;
  readonly env?: Readonly<Record<string, string>>;
}

async function run(
  { cache, verb = "download", env = {} }: RunOptions,
  ...args: string[]
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", `-P=${verb}`, "--no-prompt", "main.ts", verb, ...args],
    cwd: ROOT,
    env: { MFP_HOME: cache, HF_HOME: `${cache}/none`, NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const warning = /^Warning Permissions in the config file.*\n/;
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr).replace(warning, ""),
  };
}

const DTD = DATA_SETS.find(({ name }) => name === "dtd-synthetic")!;

/** DTD-Synthetic, one image of each kind. */
async function dtdTree(): Promise<Tree> {
  const tree: Tree = {};
  for (const [i, category] of DTD.categories.entries()) {
    tree[`${category}/train/good/000.png`] = await png(i);
    tree[`${category}/test/good/000.png`] = await png(i + 50);
    tree[`${category}/test/bad/000.png`] = await png(i + 100);
    tree[`${category}/ground_truth/bad/000_mask.png`] = await mask(i + 1);
  }
  return below("DTD-Synthetic", tree);
}

async function place(cache: string, tree: Tree): Promise<void> {
  await Deno.mkdir(`${cache}/data`, { recursive: true });
  const archive = packZip(entriesOf(tree));
  await Deno.writeFile(`${cache}/data/dtd-synthetic.zip`, archive);
}

Deno.test("download takes in a data set that --data then finds", async (t) => {
  await withTemporary(async (cache) => {
    const name = "dtd-synthetic";
    await place(cache, await dtdTree());

    await t.step("not before its licence is accepted", async () => {
      const { code, stderr } = await run({ cache }, name);
      assert.equal(code, 2);
      assert.match(stderr, /DTD-Synthetic is under the licence not stated/);
      assert.match(stderr, /as its licence must be accepted: say so with/);
      assert.deepEqual(await namesIn(cache), ["data"]);
    });

    await t.step("and is not found before it is downloaded", async () => {
      const { code, stderr } = await run(
        { cache, verb: "eval" },
        "--data",
        name,
      );
      assert.equal(code, 42);
      assert.match(stderr, /run deno task download dtd-synthetic$/m);
    });

    await t.step("once it is accepted", async () => {
      const { code, stdout, stderr } = await run(
        { cache },
        name,
        "--accept-licence",
      );
      assert.equal(code, 0, stderr);
      assert.equal(stdout, `${name}: ${cache}/data/${name}\n`);
      const accepted = JSON.parse(
        await Deno.readTextFile(`${cache}/licences.json`),
      );
      assert.equal(accepted[name].licence, DTD.licence);
    });

    await t.step("and is then listed as present", async () => {
      const { code, stdout } = await run({ cache }, "--list");
      assert.equal(code, 0);
      assert.match(stdout, /^dtd-synthetic {2,}data set .* yes$/m);
      assert.match(stdout, /^mvtec {2,}data set .* no$/m);
      assert.match(stdout, /^nano {2,}model .* included$/m);
      assert.match(stdout, /^vit-l-14-336 {2,}model {2,}1\.82 GB .* no$/m);
    });

    await t.step("and is evaluated by its name", async () => {
      const args = [
        "--data",
        name,
        "--limit-total",
        "1",
        "--out",
        `${cache}/out`,
      ];
      const { code, stdout, stderr } = await run(
        { cache, verb: "eval" },
        ...args,
        "--json",
      );
      assert.equal(code, 0, stderr);
      const { data, categories } = JSON.parse(stdout);
      assert.equal(data, "dtd-synthetic");
      assert.deepEqual(Object.keys(categories), ["Blotchy_099"]);
    });

    await t.step(
      "and is verified when asked, without asking again",
      async () => {
        assert.equal((await run({ cache }, name, "--verify")).code, 0);
        const path =
          `${cache}/data/${name}/DTD-Synthetic/Woven_001/test/bad/000.png`;
        await Deno.writeFile(path, await png(1));
        assert.equal((await run({ cache }, name)).code, 0);
        const { code, stderr } = await run({ cache }, name, "--verify");
        assert.equal(code, 42);
        assert.match(stderr, /1 of 48 are not, the first is .*Woven_001\/test/);
      },
    );
  });
});

Deno.test("download refuses a data set that is not what it is called", async () => {
  await withTemporary(async (cache) => {
    const tree = await dtdTree();
    const short = Object.fromEntries(
      Object.entries(tree).filter(([path]) => !path.includes("Woven_127")),
    );
    await place(cache, short);
    const { code, stderr } = await run(
      { cache },
      "dtd-synthetic",
      "--accept-licence",
    );
    assert.equal(code, 42);
    assert.match(stderr, /the categories must be Blotchy_099, .*Woven_127: /);
    assert.deepEqual(await namesIn(`${cache}/data`), ["dtd-synthetic.zip"]);
  });
});

Deno.test("download tells how to get what is handed out by hand", async () => {
  await withTemporary(async (cache) => {
    const { code, stderr } = await run(
      { cache },
      "mpdd",
      "--accept-licence",
      "--out",
      `${cache}/sets`,
    );
    assert.equal(code, 42);
    assert.match(stderr, /must be got by hand from https:\/\/github\.com\//);
    assert.ok(stderr.includes(`put its folder at ${cache}/sets/mpdd or`));
  });
});

Deno.test("download ends as documented when files cannot be had", async (t) => {
  const cases = [
    [
      "missing",
      404,
      new Uint8Array(),
      42,
      /config\.json as the server must send it: .* status 404/,
    ],
    ["forbidden", 403, new Uint8Array(), 42, /status 403/],
    [
      "changed",
      200,
      new Uint8Array(7),
      1,
      /sends as its size must be 4757 bytes: current value is 7/,
    ],
    [
      "damaged",
      200,
      new Uint8Array(4757),
      1,
      /sends as its SHA-256 must be 51b1c14a[0-9a-f]+: /,
    ],
  ] as const;
  for (const [what, status, body, expected, message] of cases) {
    await t.step(what, async () => {
      await using server = serve(() => ({ status, body }));
      await withTemporary(async (cache) => {
        const env = { HF_ENDPOINT: `${server.origin}/`, HF_TOKEN: "secret" };
        const { code, stderr } = await run({ cache, env }, "vit-l-14-336");
        assert.equal(code, expected);
        assert.match(stderr, message);
        assert.ok(!stderr.includes("secret"));
        const { path, headers } = server.asked[0]!;
        assert.match(path, /^\/openai\/clip-vit-large-patch14-336\/resolve\//);
        assert.equal(headers.get("authorization"), "Bearer secret");
      });
    });
  }
});

Deno.test("download uses nothing but this machine when it is offline", async () => {
  await withTemporary(async (cache) => {
    const { code, stderr } = await run({ cache }, "vit-b-16", "--offline");
    assert.equal(code, 42);
    assert.match(
      stderr,
      /^Cannot get clip\/config\.json without a network as it must be at /,
    );
  });
});

Deno.test("download has nothing to do for what comes with the program", async () => {
  await withTemporary(async (cache) => {
    const { code, stdout } = await run({ cache }, "nano");
    assert.deepEqual([code, stdout], [0, "nano: included\n"]);
  });
});

Deno.test("download refuses a command line it cannot use", async (t) => {
  const cases = [
    [[], {}, /^Cannot start as a name must be given: there are nano, /],
    [["mvtek"], {}, /no such model or data set: did you mean mvtec$/m],
    [["nano"], { HF_ENDPOINT: "ftp://x" }, /endpoint of Hugging Face .* "ftp:/],
    [
      ["nano"],
      { MFP_HOME: "", HOME: "", XDG_CACHE_HOME: "" },
      /^Cannot find the cache as MFP_HOME, XDG_CACHE_HOME or HOME must be set/,
    ],
  ] as const;
  for (const [args, env, message] of cases) {
    await t.step(`${message}`, async () => {
      const { code, stderr } = await run({ cache: "/none", env }, ...args);
      assert.equal(code, 2);
      assert.match(stderr, message);
    });
  }
});
