import assert from "node:assert/strict";
import { type Door, openDoor } from "../../lib/server/door.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

function lineOf(path: string, header = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`;
}

async function sent({ port }: Door, text: string): Promise<Deno.Conn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  return connection;
}

/** All that comes until the connection is closed. */
async function readAll(connection: Deno.Conn): Promise<string> {
  try {
    return await new Response(connection.readable).text();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionReset) return "";
    throw error;
  }
}

Deno.test("openDoor() answers the requests of a connection one after another", async () => {
  let running = 0;
  let most = 0;
  const door = await openDoor(async (request) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return new Response(new URL(request.url).pathname);
  }, LOCAL);
  const paths = Array.from({ length: 20 }, (_, i) => `/${i}`);
  const lines = paths.map((path) => lineOf(path));
  const last = lineOf("/last", "Connection: close\r\n");
  const answers = await readAll(await sent(door, lines.join("") + last));
  assert.deepEqual(answers.match(/\/(\d+|last)(?=HTTP|$)/g), [
    ...paths,
    "/last",
  ]);
  assert.equal(most, 1);
  await door.close();
});

Deno.test("openDoor() closes a connection that sends many requests ahead", async () => {
  let count = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const door = await openDoor(async () => {
    count++;
    await promise;
    return new Response("a");
  }, LOCAL);
  const text = await readAll(await sent(door, lineOf("/").repeat(500)));
  assert.equal(text, "");
  // All of them may have come before the first is looked at.
  assert.ok(count <= 1, `${count}`);
  resolve();
  await door.close();
});

Deno.test("openDoor() closes connections that take no answer", async (t) => {
  const large = new Uint8Array(32 << 20);
  const bodies: Record<string, () => BodyInit> = {
    "that was written at once": () => large,
    "that is a stream": () => new Blob([large]).stream(),
  };
  for (const [name, body] of Object.entries(bodies)) {
    await t.step(name, async () => {
      const begun = Promise.withResolvers<void>();
      const door = await openDoor(() => {
        begun.resolve();
        return new Response(body());
      }, { ...LOCAL, answer: 100 });
      using _connection = await sent(door, lineOf("/"));
      await begun.promise;
      // It waits for every connection.
      await door.close();
    });
  }
});

Deno.test("openDoor() keeps a stream that has nothing to send", async () => {
  const end = Promise.withResolvers<void>();
  const door = await openDoor(() => {
    const encoder = new TextEncoder();
    return new Response(
      new ReadableStream({
        async start(controller) {
          controller.enqueue(encoder.encode("first,"));
          await end.promise;
          controller.enqueue(encoder.encode("last"));
          controller.close();
        },
      }),
    );
  }, { ...LOCAL, answer: 20 });
  const connection = await sent(door, lineOf("/", "Connection: close\r\n"));
  setTimeout(() => end.resolve(), 200);
  assert.match(await readAll(connection), /first,.*last/s);
  await door.close();
});
