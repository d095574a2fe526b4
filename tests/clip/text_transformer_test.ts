import assert from "node:assert/strict";
import { embedTokens, encodeText } from "../../lib/clip/text_transformer.ts";
import type { ClipConfig } from "../../lib/clip/config.ts";
import type { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import { assertNumbers, type Numbers, numbers } from "../contract/numbers.ts";
import {
  expectedOf,
  goldenNamed,
  idsFor,
  openGolden,
} from "../methods/mfp_clip/goldens.ts";
import { firstOf, runModule } from "../methods/mfp_clip/modules.ts";

const GOLDEN = goldenNamed("no_i2tp");

/** Text features of ids, from their first `length` positions. */
function encode(
  g: GraphBuilder,
  { ids, clip, length }: { ids: Value; clip: ClipConfig; length: number },
): Value {
  const tokens = g.slice(embedTokens(g, ids, clip.text), 2, 0, length);
  return encodeText(g, tokens, { clip, ids });
}

async function encoded(ids: Numbers, length: number): Promise<Numbers> {
  return await runModule(
    GOLDEN.name,
    { ids: { numbers: ids, type: "int" } },
    (g, of, { clip }) => encode(g, { ids: of("ids"), clip, length }),
  );
}

async function goldenIds(): Promise<{ ids: Numbers; longestEnd: number }> {
  await using golden = await openGolden(GOLDEN);
  return idsFor(golden.model, GOLDEN.categories);
}

Deno.test("encodeText() equals the specification without I2TP", async () => {
  const { ids } = await goldenIds();
  const { text } = await expectedOf(GOLDEN, GOLDEN.categories[0]!);
  const y = await encoded(ids, ids.shape[2]!);
  assertNumbers(y, firstOf(text!), { tolerance: 2e-6 });
});

Deno.test("encodeText() needs no position after the last end of text", async () => {
  const { ids, longestEnd } = await goldenIds();
  assert(longestEnd + 1 < ids.shape[2]!);
  const [whole, short] = await Promise.all([
    encoded(ids, ids.shape[2]!),
    encoded(ids, longestEnd + 1),
  ]);
  assertNumbers(short, whole, { tolerance: 1e-6 });
});

Deno.test("encodeText() reads the first end of text, whatever follows", async () => {
  const { ids } = await goldenIds();
  const end = Math.max(...Array.from(ids.data));
  const length = ids.shape[2]!;
  // The padding becomes other tokens, further ends of text among them.
  const filled = Array.from(ids.data, (id, i) => id === 0 ? i % 2 * end : id);
  assert.notDeepEqual(filled, ids.data);
  const [plain, other] = await Promise.all([
    encoded(ids, length),
    encoded(numbers(ids.shape, filled), length),
  ]);
  assertNumbers(other, plain, { tolerance: 1e-6 });
});
