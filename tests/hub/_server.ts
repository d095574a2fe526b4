/**
 * An HTTP server on loopback that can misbehave as real ones do.
 *
 * @module
 */

/** A request as it came. */
export interface Asked {
  readonly path: string;
  readonly headers: Headers;
  /** How many requests came before it. */
  readonly index: number;
}

/** What the server sends, and what goes wrong on the way. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Content-Length where it is not the body's; null for none. */
  readonly length?: number | null;
  /** Closes the connection after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Sends nothing more after so many bytes of the body, and stays open. */
  readonly stallAfter?: number;
  /** Sends the body again and again, with no length: as it is or in chunks. */
  readonly endless?: "plain" | "chunked";
}

/** A running server. */
export interface Server extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40000`. */
  readonly origin: string;
  /** All requests so far. */
  readonly asked: readonly Asked[];
}

async function readHead(connection: Deno.Conn): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) return undefined;
    head += decoder.decode(buffer.subarray(0, count));
  }
  return head;
}

async function write(connection: Deno.Conn, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) {
    at += await connection.write(data.subarray(at));
  }
}

/** Resolves when the other side hangs up. */
async function hangUp(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(64);
  while (await connection.read(buffer) !== null) { /* ignored */ }
}

/** Frames bytes as one chunk of a body in chunks. */
function chunkOf(data: Uint8Array): Uint8Array {
  const text = new TextEncoder();
  const size = text.encode(`${data.length.toString(16)}\r\n`);
  return new Uint8Array([...size, ...data, ...text.encode("\r\n")]);
}

/** Sends until the other side hangs up, which fails the writing. */
async function sendForEver(
  connection: Deno.Conn,
  { body = new Uint8Array(1), endless }: Reply,
): Promise<never> {
  const times = Math.ceil((1 << 18) / body.length);
  const large = new Uint8Array(times * body.length);
  for (let i = 0; i < times; i++) large.set(body, i * body.length);
  const data = endless === "chunked" ? chunkOf(large) : large;
  for (;;) await write(connection, data);
}

async function send(connection: Deno.Conn, reply: Reply): Promise<void> {
  const { status = 200, headers = {}, body = new Uint8Array() } = reply;
  const { endless } = reply;
  const told = reply.length === undefined ? body.length : reply.length;
  const length = endless === undefined ? told : null;
  const lines = Object.entries({
    ...length !== null && { "content-length": `${length}` },
    ...endless === "chunked" && { "transfer-encoding": "chunked" },
    connection: "close",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`;
  await write(connection, new TextEncoder().encode(head));
  if (endless !== undefined) return await sendForEver(connection, reply);
  const end = Math.min(
    reply.cutAfter ?? Infinity,
    reply.stallAfter ?? Infinity,
  );
  await write(connection, body.subarray(0, end));
  if (reply.stallAfter !== undefined) await hangUp(connection);
}

/** Starts a server that answers as told. */
export function serve(
  answer: (asked: Asked) => Reply | Promise<Reply>,
): Server {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked: Asked[] = [];
  const open = new Set<Promise<void>>();
  const connections = new Set<Deno.Conn>();
  const handle = async (connection: Deno.Conn) => {
    try {
      const head = await readHead(connection);
      if (head === undefined) return;
      const [first = "", ...lines] = head.split("\r\n\r\n")[0]!.split("\r\n");
      const headers = new Headers(
        lines.map((line) =>
          line.split(/: (.*)/).slice(0, 2) as [string, string]
        ),
      );
      const path = first.split(" ")[1]!;
      const request = { path, headers, index: asked.length };
      asked.push(request);
      await send(connection, await answer(request));
    } catch (error) {
      const expected = error instanceof Deno.errors.BrokenPipe ||
        error instanceof Deno.errors.ConnectionReset ||
        error instanceof Deno.errors.BadResource ||
        // A read that waits while this server closes.
        error instanceof Deno.errors.Interrupted;
      if (!expected) throw error;
    } finally {
      connections.delete(connection);
      try {
        connection.close();
      } catch { /* closed by the other side */ }
    }
  };
  const accept = async () => {
    for await (const connection of listener) {
      connections.add(connection);
      const handled = handle(connection);
      open.add(handled);
      handled.finally(() => open.delete(handled));
    }
  };
  const accepting = accept();
  return {
    origin: `http://127.0.0.1:${listener.addr.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting.catch(() => {});
      for (const connection of connections) {
        try {
          connection.close();
        } catch { /* closed already */ }
      }
      await Promise.all(open);
    },
  };
}

/** Bytes that differ at each place, the same each time. */
export function bytes(length: number, seed: number = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    return state >>> 24;
  });
}

/** Sends a file, or the part of it that is asked for, as servers should. */
export function sendFile(
  { headers }: Asked,
  data: Uint8Array,
  marks: Readonly<Record<string, string>> = { etag: '"v1"' },
): Reply {
  const [, first, last] = headers.get("range")?.match(/^bytes=(\d+)-(\d+)$/) ??
    [];
  const condition = headers.get("if-range");
  const isCurrent = condition === null ||
    Object.values(marks).includes(condition);
  if (first === undefined || !isCurrent) return { headers: marks, body: data };
  const start = Number(first);
  const end = Math.min(Number(last) + 1, data.length);
  if (start >= data.length) {
    const range = { "content-range": `bytes */${data.length}` };
    return { status: 416, headers: { ...marks, ...range } };
  }
  const range = { "content-range": `bytes ${start}-${end - 1}/${data.length}` };
  const body = data.subarray(start, end);
  return { status: 206, headers: { ...marks, ...range }, body };
}
