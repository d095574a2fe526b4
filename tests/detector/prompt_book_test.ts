import assert from "node:assert/strict";
import { PromptBook } from "../../lib/detector/prompt_book.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";

const NANO = new URL("../../models/nano", import.meta.url).pathname;

async function bookWith(onWarning: (message: string) => void) {
  const model = await openModelDirectory(NANO);
  return new PromptBook(model, { onWarning });
}

/** Too many words for any text tower, so that making its prompt warns. */
const LONG = "bolt ".repeat(200);

Deno.test("PromptBook makes a prompt once while it is in use", async () => {
  const warnings: string[] = [];
  const book = await bookWith((message) => warnings.push(message));
  book.ids([LONG, "nut"]);
  const { length } = warnings;
  assert.ok(length > 0);
  assert.deepEqual(book.ids([LONG]), book.ids([LONG]));
  assert.equal(warnings.length, length);
});

Deno.test("PromptBook forgets categories that were not asked for lately", async () => {
  const warnings: string[] = [];
  const book = await bookWith((message) => warnings.push(message));
  const first = book.ids([LONG]);
  const { length } = warnings;
  for (let i = 0; i < 3000; i++) book.neededLength([`part ${i}`]);
  assert.deepEqual(book.ids([LONG]), first);
  assert.equal(warnings.length, 2 * length);
});
