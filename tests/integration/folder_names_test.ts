import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { GOLDEN_IMAGES } from "../golden/mfp_clip/golden.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Copies an image into a folder whose name is not UTF-8; Deno cannot. */
async function copyBesideLatin1(folder: string, image: string): Promise<void> {
  const script =
    'name="$(printf \'gro\\337\')"; mkdir -p "$1/good" "$1/$name"' +
    ' && cp "$2" "$1/good/1.png" && cp "$2" "$1/$name/2.png"';
  const { code } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", folder, image],
  }).output();
  assert.equal(code, 0);
}

Deno.test({
  name: "eval reads what lies beside a folder whose name is not UTF-8",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await copyBesideLatin1(`${folder}/data`, GOLDEN_IMAGES[1]!);
      const { code, stdout, stderr } = await new Deno.Command("deno", {
        args: [
          ...["run", "-P=eval", "main.ts", "eval", "--json"],
          ...[`--data=${folder}/data`, `--out=${folder}/out`],
        ],
        cwd: ROOT,
        stdin: "null",
      }).output();
      const text = new TextDecoder().decode(stdout);
      const log = new TextDecoder().decode(stderr);
      assert.equal(code, 0, log);
      assert.equal(JSON.parse(text).images, 1);
      assert.match(log, /1 folder is not read as its name is not UTF-8: gro/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
