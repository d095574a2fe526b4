import assert from "node:assert/strict";
import { ServerMetrics } from "../../lib/server/server_metrics.ts";

Deno.test("countBatch() counts what is new, and nothing twice", async () => {
  const metrics = new ServerMetrics();
  const count = metrics.countBatch();
  count({ done: 20, errors: 2 });
  for (const done of [21, 22, 20, 21, 22, 23]) count({ done, errors: 2 });
  count({ done: 23, errors: 3 });
  const text = await metrics.registry.metrics();
  assert.match(text, /^mfp_images_total\{outcome="batch"\} 3$/m);
  assert.match(text, /^mfp_image_errors_total\{reason="batch"\} 1$/m);
});
