import assert from "node:assert/strict";
import { ServerMetrics } from "../../lib/server/server_metrics.ts";

Deno.test("countBatch() counts what is new, and nothing twice", async () => {
  const metrics = new ServerMetrics();
  const count = metrics.countBatch();
  count({ done: 20, errors: 2 });
  for (const done of [21, 22, 20, 21, 22, 23]) count({ done, errors: 2 });
  count({ done: 23, errors: 3 });
  const text = await metrics.text();
  assert.match(text, /^mfp_images_total\{outcome="batch"\} 3$/m);
  assert.match(text, /^mfp_image_errors_total\{reason="batch"\} 1$/m);
});

Deno.test("text() has what was watched before anything was counted", async () => {
  using metrics = new ServerMetrics();
  metrics.watchProcess();
  metrics.watch({ queue: () => 3, heldBytes: () => 70, isReady: () => true });
  const text = await metrics.text();
  assert.match(text, /^mfp_queue_images 3$/m);
  assert.match(text, /^mfp_ready 1$/m);
  assert.match(text, /^mfp_loop_blocked_seconds \d/m);
});

Deno.test("ServerMetrics counts what was noted before, in its order and once", async () => {
  using metrics = new ServerMetrics();
  for (const size of [1, 2, 2]) {
    metrics.microBatchDone({ size, milliseconds: 1, isAnswered: true });
  }
  for (let i = 0; i < 2; i++) {
    const text = await metrics.text();
    assert.match(text, /^mfp_batch_size_count 3$/m);
    assert.match(text, /^mfp_batch_size_sum 5$/m);
  }
});
