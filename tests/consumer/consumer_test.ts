import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../checkpoint/temporary.ts";

const ROOT = new URL("../../", import.meta.url);
const CHECKOUT = fileURLToPath(ROOT).replace(/[\\/]$/, "");
const { name, version, exports } = JSON.parse(
  await Deno.readTextFile(new URL("deno.json", ROOT)),
) as { name: string; version: string; exports: Record<string, string> };

/** The least permissions, as mod.ts and README name them. */
const PERMISSIONS = [
  "--no-prompt",
  "--allow-ffi",
  "--allow-env=MALLOC_ARENA_MAX,npm_package_config_libvips",
  `--allow-read=.,${CHECKOUT},/usr/bin/ldd`,
];

const IMAGES = "tests/golden/mfp_clip/images";

/** A project in a folder of its own, with the images of the examples. */
async function project(config: object) {
  const folder = await temporaryFolder();
  await folder.write("deno.json", JSON.stringify(config));
  await Deno.copyFile(new URL("deno.lock", ROOT), `${folder.path}/deno.lock`);
  await Deno.mkdir(join(folder.path, IMAGES), { recursive: true });
  for (const image of ["brick.png", "chelsea.png", "coffee.jpg"]) {
    const path = `${IMAGES}/${image}`;
    await Deno.copyFile(new URL(path, ROOT), join(folder.path, path));
  }
  return folder;
}

async function deno(
  cwd: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** The examples in the documentation of a file. */
async function examplesOf(file: string): Promise<string[]> {
  const source = await Deno.readTextFile(new URL(file, ROOT));
  const fences = source.matchAll(
    /^ *\* ```ts(?: ignore)?\n([^]*?)^ *\* ```$/gm,
  );
  return [...fences].map(([, code = ""]) => code.replace(/^ *\* ?/gm, ""));
}

Deno.test("mod.ts runs its examples in a project of its own, and every entry type-checks", async () => {
  await using folder = await project({
    links: [CHECKOUT],
    imports: { [name]: `jsr:${name}@^${version}` },
  });
  const lines: string[] = [];
  const add = async (code: string, isRun: boolean) => {
    const file = `./example_${lines.length}.ts`;
    await folder.write(file, code);
    // What is not awaited is not called: it is type-checked alone.
    lines.push(`${isRun ? "await" : "() =>"} import("${file}");`);
  };
  for (const [entry, file] of Object.entries(exports)) {
    const examples = await examplesOf(file);
    assert.ok(examples.length > 0, `${file} has no example`);
    await add(`export * from "${entry.replace(/^\./, name)}";`, false);
    for (const code of examples) await add(code, entry === ".");
  }
  const main = await folder.write("main.ts", lines.join("\n"));
  const run = ["run", "--check", ...PERMISSIONS, main];
  const { code, stdout, stderr } = await deno(folder.path, ...run);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^0\.\d+\n/);
  assert.match(stderr, /missing\.png: NotFound/);
});

Deno.test("mod.ts is imported by its address, and fetches nothing without permission", async () => {
  await using folder = await project({
    imports: { [name]: new URL("mod.ts", ROOT).href },
  });
  await folder.write(
    "main.ts",
    `import { Detector } from "${name}";
    await using detector = await Detector.open("nano");
    const { score } = await detector.score("${IMAGES}/coffee.jpg");
    const url = "http://127.0.0.1:8731/part.jpg";
    const error = await detector.score(url).catch(({ name }) => name);
    console.log(score > 0 && score < 1, error);`,
  );
  const run = await deno(folder.path, "run", ...PERMISSIONS, "main.ts");
  assert.equal(run.stdout, "true NotCapable\n", run.stderr);
});

Deno.test("./server runs its example with the permissions that it names", async () => {
  const file = exports["./server"]!;
  await using folder = await project({
    links: [CHECKOUT],
    imports: { [name]: `jsr:${name}@^${version}` },
  });
  const [example] = await examplesOf(file);
  const main = await folder.write("main.ts", example!);
  const permissions = PERMISSIONS.map((flag) =>
    flag.startsWith("--allow-env=") ? `${flag},AWS_*` : flag
  );
  const run = await deno(folder.path, "run", ...permissions, main);
  assert.match(run.stdout, /status: "ok"/, run.stderr);
});
