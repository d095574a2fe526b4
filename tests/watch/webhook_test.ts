import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import {
  Webhook,
  type WebhookMessage,
  type WebhookOptions,
} from "../../lib/watch/webhook.ts";

const SECRET = new TextEncoder().encode("a secret of a test");

interface Received {
  readonly id: string | null;
  readonly isSigned: boolean;
  readonly body: string;
}

/** A receiver that answers with the statuses in turn, then with 204. */
function receiver(answers: (number | Response)[]) {
  const received: Received[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const body = await request.text();
      const { headers } = request;
      const [id, time, signature] = ["id", "timestamp", "signature"]
        .map((name) => headers.get(`webhook-${name}`));
      const expected = createHmac("sha256", SECRET)
        .update(`${id}.${time}.${body}`).digest("base64");
      received.push({
        id: id!,
        isSigned: signature === `v1,${expected}`,
        body,
      });
      const answer = answers.shift() ?? 204;
      return answer instanceof Response
        ? answer
        : new Response(null, { status: answer });
    },
  );
  const url = new URL(`http://127.0.0.1:${server.addr.port}/`);
  return { received, url, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** A clock whose waits are over at once, and that notes them. */
function clockOf(waits: number[]) {
  return {
    now: () => 1_700_000_000_000,
    random: () => 1,
    sleep: (milliseconds: number) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  };
}

function webhookTo(url: URL, options: Partial<WebhookOptions> = {}) {
  const failures: [string, string][] = [];
  const waits: number[] = [];
  const hook = new Webhook({
    url,
    secret: SECRET,
    clock: clockOf(waits),
    onFailure: ({ id }, reason) => failures.push([id, reason]),
    ...options,
  });
  return { hook, failures, waits };
}

function message(id: string): WebhookMessage {
  return { id, body: JSON.stringify({ id }) };
}

Deno.test("Webhook.push() sends signed messages in order, again after failures", async () => {
  const busy = new Response(null, {
    status: 429,
    headers: { "Retry-After": "7" },
  });
  await using there = receiver([500, busy]);
  const { hook, failures, waits } = webhookTo(there.url);
  hook.push(message("a"));
  hook.push(message("b"));
  await hook.drain(60_000);
  const ids = there.received.map(({ id }) => id);
  assert.deepEqual(ids, ["a", "a", "a", "b"]);
  assert.ok(there.received.every(({ isSigned }) => isSigned));
  assert.equal(there.received[3]!.body, '{"id":"b"}');
  assert.deepEqual(failures, []);
  assert.deepEqual(waits, [1000, 7000]);
});

Deno.test("Webhook.push() gives a message up that is refused, and goes on", async () => {
  const moved = new Response(null, {
    status: 302,
    headers: { Location: "http://127.0.0.1:1/" },
  });
  await using there = receiver([400, moved]);
  const { hook, failures } = webhookTo(there.url);
  for (const id of ["a", "b", "c"]) hook.push(message(id));
  await hook.drain(60_000);
  assert.deepEqual(failures, [
    ["a", "the receiver must answer 2xx: current value is 400"],
    ["b", "the receiver must answer 2xx: current value is 302"],
  ]);
  assert.equal(there.received.length, 3);
});

Deno.test("Webhook.push() tells of messages for which there is no room or no receiver", async () => {
  const closed = receiver([]);
  await closed[Symbol.asyncDispose]();
  const { hook, failures } = webhookTo(closed.url, {
    queue: 2,
    policy: { attempts: 2 },
  });
  for (const id of ["a", "b", "c"]) hook.push(message(id));
  await hook.drain(60_000);
  assert.deepEqual(failures[0], ["c", "2 others wait"]);
  assert.deepEqual(failures.slice(1).map(([id]) => id), ["a", "b"]);
});

Deno.test("Webhook.drain() tells of what is not delivered in time", async () => {
  await using there = receiver([503]);
  const never = Promise.withResolvers<void>();
  const sleep = (_: number, signal?: AbortSignal) => {
    signal?.addEventListener("abort", () => never.reject(signal.reason));
    return never.promise;
  };
  const clock = { ...clockOf([]), sleep };
  const { hook, failures } = webhookTo(there.url, { clock });
  hook.push(message("a"));
  hook.push(message("b"));
  await hook.drain(0);
  assert.deepEqual(failures, [["a", "the run ends"], ["b", "the run ends"]]);
  hook.push(message("c"));
  assert.deepEqual(failures.at(-1), ["c", "the run ends"]);
});
