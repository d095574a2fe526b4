import assert from "node:assert/strict";
import {
  execForm,
  readArguments,
  readStages,
  type Stage,
  variablesOf,
} from "./_dockerfile.ts";
import { lateModulesOfImage } from "../../tasks/deploy/late_modules.ts";
import { ROOT } from "./_files.ts";

async function targets(): Promise<Stage[]> {
  const stages = await readStages();
  return ["cpu", "gpu"].map((name) => {
    const stage = stages.find((one) => one.name === name);
    assert.ok(stage, name);
    return stage;
  });
}

Deno.test("Dockerfile pins every base by a tag", async () => {
  const stages = await readStages();
  const names = stages.map(({ name }) => name);
  for (const { base } of stages) {
    if (names.includes(base)) continue;
    assert.match(base, /^[\w./-]+:[\w.-]*\d[\w.-]*$/);
  }
  const { DENO_VERSION } = await readArguments();
  const script = await Deno.readTextFile(`${ROOT}.ci/run`);
  assert.equal(/^version=(.*)$/m.exec(script)?.[1], DENO_VERSION);
});

Deno.test("Dockerfile installs packages before it copies sources", async () => {
  const [, packages, ...others] = await readStages();
  const copies = packages!.instructions.filter(({ name }) => name === "COPY");
  assert.deepEqual(copies.map(({ text }) => text), [
    "--from=deno /deno /usr/local/bin/deno",
    "deno.json deno.lock ./",
  ]);
  const runs = packages!.instructions.filter(({ name }) => name === "RUN");
  assert.match(runs[0]!.text, /^deno task --quiet packages /);
  for (const { name, instructions } of others) {
    const texts = instructions.map(({ text }) => text);
    if (name === "cuda-packages") continue;
    const from = texts.findIndex((text) => /packages \/deno-dir/.test(text));
    assert.ok(from >= 0 && from < texts.indexOf(". ."), name);
  }
});

Deno.test("Dockerfile's targets run main.ts in exec form, not as root", async () => {
  for (const target of await targets()) {
    const { instructions } = target;
    const [program, ...args] = execForm(target, "ENTRYPOINT");
    assert.equal(program, "deno");
    assert.equal(args.at(-1), "main.ts");
    for (const flag of ["--cached-only", "--frozen", "--no-prompt"]) {
      assert.ok(args.includes(flag), flag);
    }
    assert.deepEqual(execForm(target, "CMD"), ["serve"]);
    assert.equal(execForm(target, "HEALTHCHECK")[0], "deno");
    const user = instructions.findLast(({ name }) => name === "USER")?.text;
    assert.match(user ?? "", /^[1-9]\d*:[1-9]\d*$/);
    assert.ok(!instructions.some(({ name }) => name === "ADD"));
  }
});

Deno.test("Dockerfile's targets hold the JavaScript of all that they run", async () => {
  const late = await lateModulesOfImage();
  for (const path of late) assert((await Deno.stat(path)).isFile, path);
  for (
    const path of [
      "lib/onnx/session_worker.ts",
      "lib/methods/mfp_clip/architecture.ts",
      "lib/server/page/page.tsx",
      "tasks/serve/start_server.ts",
    ]
  ) assert(late.includes(path), path);
  for (const { instructions } of await targets()) {
    const run = instructions.findLast(({ name }) => name === "RUN")!.text;
    assert.match(
      run,
      /late="\$\(deno run .* tasks\/deploy\/late_modules\.ts\)"/,
    );
    assert.match(run, /deno cache --quiet --frozen \$late /);
    for await (const { name } of Deno.readDir(`${ROOT}tasks`)) {
      const source = name.endsWith(".ts")
        ? await Deno.readTextFile(`${ROOT}tasks/${name}`)
        : "";
      if (!/^export const command\b/m.test(source)) continue;
      assert(run.includes(` tasks/${name} `), name);
    }
  }
});

Deno.test("Dockerfile's targets run as any user", async () => {
  for (const { name, instructions } of await readStages()) {
    const runs = instructions.filter((one) => one.name === "RUN");
    const text = runs.map((one) => one.text).join("\n");
    if (name.endsWith("packages")) {
      assert.match(text, / && chmod -R a\+rX \/deno-dir$/);
    } else if (name !== "deno") {
      const folders = "out /var/lib/mfp-clip";
      assert.ok(
        text.includes(`install -d -m 1777 -o 10001 -g 10001 ${folders}`),
      );
    }
  }
});

Deno.test("Dockerfile's targets differ by their base and the CUDA provider", async () => {
  const [cpu, gpu] = await targets();
  const shared = ({ instructions }: Stage) =>
    instructions.filter(({ name, text }) =>
      name !== "LABEL" && !text.startsWith("provider=")
    ).map(({ name, text }) => `${name} ${text.replace("=cuda-", "=")}`);
  assert.deepEqual(shared(cpu!), shared(gpu!));
  assert.deepEqual(variablesOf(cpu!), variablesOf(gpu!));
  assert.match(gpu!.base, /^nvidia\/cuda:13\.\S+-cudnn-runtime-/);
});

Deno.test("Dockerfile's permissions are those that its verbs need", async () => {
  const text = await Deno.readTextFile(`${ROOT}deno.json`);
  const { container, ...others } = JSON.parse(text).permissions;
  const covers = (name: string) =>
    container.env.some((pattern: string) =>
      pattern.endsWith("*")
        ? name.startsWith(pattern.slice(0, -1))
        : name === pattern
    );
  const tasks = ["build", "lock", "runner", "bench", "test", "integration"];
  const verbs = Object.keys(others).filter((name) => !tasks.includes(name));
  assert.deepEqual(verbs.toSorted(), [
    ...["download", "eval", "export", "report"],
    ...["score", "serve", "synth", "train"],
  ]);
  for (const verb of verbs) {
    const { env = [], sys = [], run, ...flags } = others[verb];
    assert.deepEqual(env.filter((name: string) => !covers(name)), [], verb);
    assert.deepEqual(
      sys.filter((name: string) => !container.sys.includes(name)),
      [],
    );
    for (const name of Object.keys(flags)) assert.equal(container[name], true);
    assert.equal(run, undefined);
  }
  assert.equal(container.run, undefined);
  const [cpu] = await targets();
  assert.ok(execForm(cpu!, "ENTRYPOINT").includes("-P=container"));
});
