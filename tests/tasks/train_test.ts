import assert from "node:assert/strict";
import { readLog } from "../../lib/training/training_log.ts";
import { command as evalCommand } from "../../tasks/eval.ts";
import { command } from "../../tasks/train.ts";
import { mask, mvtecTree, png, type Tree, withFolder } from "../data/trees.ts";
import { type Outcome, withConsole } from "./_console.ts";

const COMMON = ["--threads", "1", "--batch-size", "2", "--init-head"];

function train(...args: string[]): Promise<Outcome> {
  return withConsole(() => command.main("train", [...COMMON, ...args]));
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function withOut(
  tree: Tree,
  run: (data: string, out: string) => Promise<void>,
): Promise<void> {
  await withFolder(tree, async (data) => {
    const out = `${data}-out`;
    try {
      await run(data, out);
    } finally {
      await Deno.remove(out, { recursive: true }).catch(() => {});
    }
  });
}

Deno.test("train leaves a model that eval takes, and resumes its own runs only", async () => {
  await withOut(await mvtecTree(), async (data, out) => {
    const args = [
      ...["--data", data, "--category", "bottle", "--out", out],
      ...["--eval", data, "--eval-category", "metal_nut"],
      ...["--max-steps", "3", "--no-mp", "--i2tp-fusion", "token"],
      ...["--optimiser", "adamw", "--schedule", "cosine", "--warmup", "1"],
      ...["--clip-norm", "1", "--rotate", "--flip", "--mosaic", "0.5"],
    ];
    const { code, stdout, stderr } = await train(...args, "--json");
    assert.equal(code, 0, stderr);
    const { step, epochs, loss, eval: figures } = JSON.parse(stdout);
    assert.deepEqual([step, epochs], [3, 1]);
    assert(Number.isFinite(loss) && Number.isFinite(figures.i_auroc));
    assert.match(stderr, /^Evaluation after step 0: I-AUROC /m);
    const events = (await readLog(`${out}/log.jsonl`)).map((row) => row.event);
    assert.deepEqual(events, [
      ...["checkpoint", "eval", "step", "step", "epoch"],
      ...["checkpoint", "eval", "step", "checkpoint", "eval"],
    ]);
    const evaluated = await withConsole(() =>
      evalCommand.main("eval", [
        ...["--model", out, "--data", data, "--category", "metal_nut"],
        ...["--out", `${out}/eval`, "--threads", "1", "--json"],
        ...["--batch-size", "2"],
      ])
    );
    assert.equal(evaluated.code, 0, evaluated.stderr);
    assert.deepEqual(JSON.parse(evaluated.stdout).mean, figures);

    const again = await train(...args);
    assert.equal(again.code, 42);
    assert.match(again.stderr, /^Cannot train into .* it has training\./m);
    const foreign = await train(...args, "--resume", "--seed", "1");
    assert.equal(foreign.code, 42);
    assert.match(
      foreign.stderr,
      /training\.safetensors as its run must have the same seed: current value is 1, there it is 0$/,
    );
    const choice = await train(...args, "--resume", "--mpfa", "1");
    assert.equal(choice.code, 42);
    assert.match(choice.stderr, /must have the same choice of mpfa: /);
  });
});

Deno.test("train ends with 2 where flags make no sense", async () => {
  await withOut({ "a/b.png": await png(5) }, async (data, out) => {
    const cases: [string[], RegExp][] = [
      [["--train", "head,text"], /^Cannot read --train as its parts .*"text"$/],
      [["--weight-decay", "1"], /^Cannot read --weight-decay as it must stand/],
      [["--mp", "--no-mp"], /^Cannot read --mp as it must not stand beside/],
      [["--logit-scale", "x"], /^Cannot read --logit-scale as it must be own/],
      [
        ["--out", `${data}/out`],
        /^Cannot write results to .* outside the data/,
      ],
      [["--eval", data, "--data", out, "--out", `${data}/out`], /outside the/],
      [["--epochs", "0"], /^Cannot read --epochs as it must be a whole/],
    ];
    for (const [args, sentence] of cases) {
      const outcome = await train("--data", data, "--out", out, ...args);
      assert.equal(outcome.code, 2, args.join(" "));
      assert.match(outcome.stderr.split("\n")[0]!, sentence);
      assert(!await exists(out));
    }
  });
});

Deno.test("train ends with 42 or 2 and writes nothing where it cannot start", async () => {
  const image = await png(5);
  const tree = {
    "set/cap/test/bad/0.png": image,
    "set/cap/ground_truth/bad/0_mask.png": await mask(3, 6),
    "normal/cap/test/good/0.png": image,
    "normal/cap/test/good/1.png": image,
    "plain/cap.png": image,
    "empty/readme.txt": new Uint8Array(3),
    ...Object.fromEntries(
      Object.entries(await mvtecTree()).map(([path, bytes]) => [
        `good/${path}`,
        bytes,
      ]),
    ),
  };
  await withOut(tree, async (data, out) => {
    const good = `${data}/good`;
    const cases: [string[], RegExp][] = [
      [
        ["--data", `${data}/set`],
        /must hold defective .* is 0 normal, 0 unlabelled and 1 without a mask that can be used \(1 of another size\)$/,
      ],
      [
        ["--data", `${data}/set`, "--strict"],
        /must be usable: cap\/test\/bad\/0\.png: its mask is of another size$/,
      ],
      [["--data", `${data}/normal`], /must hold defective .* is 2 normal, 0 /],
      [["--data", `${data}/plain`], /must hold defective .* 1 unlabelled and/],
      [["--data", `${data}/empty`], /no image/],
      [["--eval", good], /must not be trained on: bottle, metal_nut would be$/],
      [
        ["--train", "clip"],
        /as a new head must be trained: current value is clip$/,
      ],
      [["--out", "models/nano"], /neither a run nor a model: it has mfp_clip/],
    ];
    const wrongFlags: [string[], RegExp][] = [
      [["--mpfa", "2"], /mpfa must be odd: current value is 2$/],
      [["--taps", "1,9"], /taps must be at most the /],
    ];
    for (const [args, sentence] of [...cases, ...wrongFlags]) {
      const outcome = await train("--data", good, "--out", out, ...args);
      const code = cases.some(([others]) => others === args) ? 42 : 2;
      assert.equal(outcome.code, code, args.join(" ") + outcome.stderr);
      const lines = outcome.stderr.split("\n");
      assert.match(lines.at(-1)!, sentence);
      assert.match(lines.at(-1)!, /^Cannot [^\n]+[^.]$/);
      assert(!await exists(out), args.join(" "));
    }
  });
});

/** Resolves once a run has logged a step. */
async function underWay(out: string): Promise<void> {
  const watcher = Deno.watchFs(out);
  for await (const _ of watcher) {
    const log = await Deno.readTextFile(`${out}/log.jsonl`).catch(() => "");
    if (log.includes('"step":2,')) break;
  }
}

Deno.test({
  name: "train saves and ends with 143 when it is terminated",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withOut(await mvtecTree(), async (data, out) => {
      await Deno.mkdir(out);
      const started = underWay(out);
      const child = new Deno.Command("deno", {
        args: [
          ...["run", "-P=train", "--no-prompt", "main.ts", "train", ...COMMON],
          ...["--data", data, "--out", out, "--checkpoint-every", "1000"],
          ...["--epochs", "100000", "--no-mp"],
        ],
        cwd: new URL("../..", import.meta.url),
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      await Promise.race([started, child.status]);
      child.kill("SIGTERM");
      const { code, stderr } = await child.output();
      assert.equal(code, 143);
      assert.match(new TextDecoder().decode(stderr), /^Stopped by SIGTERM: /m);
      const rows = await readLog(`${out}/log.jsonl`);
      const steps = rows.findLast((row) => row.event === "step")!.step;
      const { code: resumed, stderr: errors } = await train(
        ...["--data", data, "--out", out, "--checkpoint-every", "1000"],
        ...["--resume", "--no-mp", "--max-steps", `${steps + 2}`],
        ...["--epochs", "100000"],
      );
      assert.equal(resumed, 0, errors);
      const after = await readLog(`${out}/log.jsonl`);
      const numbers = after.flatMap((row) =>
        row.event === "step" ? [row.step] : []
      );
      assert.deepEqual(numbers, Array.from(numbers, (_, i) => i + 1));
      assert.equal(numbers.length, steps + 2);
      assert.deepEqual(after.slice(0, rows.length), rows);
    });
  },
});
