/**
 * The start of `serve` with nano, compared with that of a program that only
 * loads onnxruntime.
 *
 * | benchmark                  | size                                      |
 * | -------------------------- | ----------------------------------------- |
 * | Deno with onnxruntime      | a process, to its end                     |
 * | serve, to its first answer | a process, to the score of one photograph |
 *
 * `bench/start.ts` compares it with an earlier version, and in parts.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { timeStart } from "./start/time_start.ts";

const BARE = fileURLToPath(new URL("./start/bare.ts", import.meta.url));

const options = { group: "start", n: 7, warmup: 2 };

Deno.bench(
  "Deno with onnxruntime",
  { ...options, baseline: true },
  async () => {
    const { success } = await new Deno.Command("deno", {
      args: ["run", "-P=serve", BARE],
    }).output();
    if (!success) throw new Error("Cannot run the program as it must end well");
  },
);
Deno.bench("serve, to its first answer", options, async (b) => {
  b.start();
  await timeStart({ model: "nano", onAnswer: () => b.end() });
});
