/**
 * A method is one folder and one line of lib/methods/table.ts: copies of the
 * project without one of them, and with one more, are checked and run.
 *
 * @module
 */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { METHODS } from "../../lib/methods/methods.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import {
  promptedModel,
  WINCLIP_GOLDENS,
} from "../golden/prompted_clips/golden.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TABLE = "lib/methods/table.ts";

/** What the program is made of. */
const PARTS = ["lib", "tasks", "models", "main.ts", "mod.ts"];

async function run(cwd: string, program: string, ...args: string[]) {
  const command = new Deno.Command(program, { args, cwd, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((x) => new TextDecoder().decode(x));
  assert.ok(success, `${args.join(" ")}: ${out}${err}`);
  return out!;
}

/** A copy of the project. */
async function copyOfProject() {
  const folder = await temporaryFolder();
  const parts = [...PARTS, "deno.json", "deno.lock", "deno.all.lock"];
  await run(ROOT, "cp", "-r", ...parts, folder.path);
  return folder;
}

async function editTable(path: string, edit: (text: string) => string) {
  const file = `${path}/${TABLE}`;
  const before = await Deno.readTextFile(file);
  const after = edit(before);
  assert.notEqual(after, before);
  await Deno.writeTextFile(file, after);
}

function check(path: string) {
  const lock = "--lock=deno.all.lock";
  const args = ["check", "-q", lock, "main.ts", "mod.ts"];
  return run(path, Deno.execPath(), ...args);
}

/** `ada_clip.json` -> `ada_clip`, the folder of the method too. */
function folderOf({ configFile }: { readonly configFile: string }): string {
  return basename(configFile, ".json");
}

for (const method of METHODS.slice(1)) {
  const folder = folderOf(method);
  Deno.test(`METHODS lacks ${method.title} without its folder and line, and all else type-checks`, async () => {
    await using copy = await copyOfProject();
    await Deno.remove(`${copy.path}/lib/methods/${folder}`, {
      recursive: true,
    });
    await editTable(
      copy.path,
      (text) =>
        text.split("\n").filter((line) => !line.includes(`./${folder}/`))
          .join("\n"),
    );
    await check(copy.path);
  });
}

Deno.test("METHODS has a sixth method by one folder and one line: train, eval and export take it", async () => {
  await using copy = await copyOfProject();
  const { path } = copy;
  await run(
    ROOT,
    "cp",
    "-r",
    "tests/methods/patch_probe",
    `${path}/lib/methods/patch_probe`,
  );
  const line = 'export { PATCH_PROBE } from "./patch_probe/method.ts";\n';
  await editTable(path, (text) => text + line);
  await check(path);
  await using clip = await promptedModel(WINCLIP_GOLDENS[0]!);
  await Deno.remove(`${clip.path}/winclip.json`);
  const verb = (name: string, ...args: string[]) =>
    run(path, Deno.execPath(), "run", `-P=${name}`, "main.ts", name, ...args);
  const trained = `${path}/trained`;
  const start = ["--model", clip.path, "--method", "patch-probe"];
  const few = ["--count", "2", "--max-steps", "2", "--threads", "1"];
  const log = await verb(
    "train",
    ...[...start, "--init-head", ...few, "--out", trained, "--json"],
  );
  assert.equal(JSON.parse(log).step, 2);
  const images = ["--limit", "2", "--threads", "1", "--out", `${path}/found`];
  const found = JSON.parse(
    await verb("eval", "--model", trained, ...images, "--json"),
  );
  assert.equal(found.errors, 0);
  await verb("export", "--model", trained, "--out", `${path}/exported`);
  assert.ok((await Deno.stat(`${path}/exported/model.onnx`)).size > 0);
});
