/**
 * Just enough of HTTP/1.1 to hand one request on, as bytes.
 *
 * @module
 */

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Writes all of some bytes.
 *
 * @param connection Where to
 * @param bytes The bytes
 */
export async function write(
  connection: Deno.Conn,
  bytes: Bytes,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await connection.write(bytes.subarray(at));
  }
}

function joined(chunks: readonly Bytes[]): Bytes {
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Reads a head and perhaps a start of the body; undefined at the end. */
async function readHead(connection: Deno.Conn): Promise<Bytes | undefined> {
  const buffer = new Uint8Array(1 << 16);
  let soFar: Bytes = new Uint8Array();
  while (!textOf(soFar).includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) return undefined;
    soFar = joined([soFar, buffer.subarray(0, count)]);
  }
  return soFar;
}

/** One character for each byte. */
function textOf(bytes: Bytes): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** The head as it goes on: the server answers once and closes. */
function rewritten(head: string): Bytes {
  const lines = head.trimEnd().split("\r\n")
    .filter((line) => !/^(connection|expect):/i.test(line));
  return new TextEncoder().encode(
    `${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`,
  );
}

/**
 * Reads one request whose body has a Content-Length, or none.
 *
 * @param connection The client's connection
 * @returns The request as it goes on; undefined where the client hung up
 */
export async function readRequest(
  connection: Deno.Conn,
): Promise<Bytes | undefined> {
  const start = await readHead(connection);
  if (start === undefined) return undefined;
  const head = textOf(start).split("\r\n\r\n", 1)[0]!;
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  if (/^expect: *100-continue/im.test(head)) {
    await write(connection, new TextEncoder().encode(CONTINUE));
  }
  const body = new Uint8Array(length);
  const held = start.subarray(head.length + 4);
  body.set(held);
  for (let at = held.length; at < length;) {
    const count = await connection.read(body.subarray(at));
    if (count === null) return undefined;
    at += count;
  }
  return joined([rewritten(head), body]);
}

/**
 * Hands a request, or a part of it, to a server.
 *
 * @param target The server
 * @param request The request
 * @param isWhole Whether to wait for the answer, or to hang up
 * @returns The answer as it came
 */
export async function forward(
  target: URL,
  request: Bytes,
  isWhole: boolean,
): Promise<Bytes> {
  const { hostname, port } = target;
  using server = await Deno.connect({ hostname, port: Number(port) });
  await write(server, request);
  const chunks: Bytes[] = [];
  while (isWhole) {
    const buffer = new Uint8Array(1 << 16);
    const count = await server.read(buffer);
    if (count === null) break;
    chunks.push(buffer.subarray(0, count));
  }
  return joined(chunks);
}
