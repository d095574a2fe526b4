import assert from "node:assert/strict";
import { PromptCache } from "../../lib/detector/prompt_cache.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";

const NANO = new URL("../../models/nano", import.meta.url).pathname;

async function cacheWith(onWarning: (message: string) => void) {
  const model = await openModelDirectory(NANO);
  return new PromptCache(model, { onWarning });
}

/** Too many words for any text tower, so that making its prompt warns. */
const LONG = "bolt ".repeat(200);

Deno.test("PromptCache makes a prompt once while it is in use", async () => {
  const warnings: string[] = [];
  const prompts = await cacheWith((message) => warnings.push(message));
  prompts.ids([LONG, "nut"]);
  const { length } = warnings;
  assert.ok(length > 0);
  assert.deepEqual(prompts.ids([LONG]), prompts.ids([LONG]));
  assert.equal(warnings.length, length);
});

Deno.test("PromptCache forgets categories that were not asked for lately", async () => {
  const warnings: string[] = [];
  const prompts = await cacheWith((message) => warnings.push(message));
  const first = prompts.ids([LONG]);
  const { length } = warnings;
  for (let i = 0; i < 3000; i++) prompts.neededLength([`part ${i}`]);
  assert.deepEqual(prompts.ids([LONG]), first);
  assert.equal(warnings.length, 2 * length);
});
