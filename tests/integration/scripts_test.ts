import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { whyNoPrograms } from "./debian_packages.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPTS = [
  ".ci/run",
  "tasks/deploy/aws_batch/submit.sh",
  "tasks/deploy/slurm/merge.sbatch",
  "tasks/deploy/slurm/score.sbatch",
  "tasks/deploy/slurm/submit.sh",
];

const reason = await whyNoPrograms(["bash", "shellcheck"], ["shellcheck"]);
if (reason !== undefined) console.error(`Scripts are not linted: ${reason}`);

Deno.test({
  name: "scripts are Bash that ShellCheck has nothing to say about",
  ignore: reason !== undefined,
  async fn() {
    for (
      const [program, ...args] of [["bash", "-n"], ["shellcheck"]] as const
    ) {
      for (const script of SCRIPTS) {
        const command = new Deno.Command(program, {
          args: [...args, script],
          cwd: ROOT,
        });
        const { success, stdout, stderr } = await command.output();
        const decoder = new TextDecoder();
        assert.ok(success, decoder.decode(stdout) + decoder.decode(stderr));
      }
    }
  },
});
