/**
 * Requests of any method, with any body.
 *
 * @module
 */

/** A request to be sent. */
export interface Sent {
  /** The method. */
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Headers by name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; none where it is undefined. */
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
}

/** How long an answer may take. */
const MOST_MILLISECONDS = 20_000;

/** Bytes whose characters are all below 256, such as headers. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Sends what `fetch` does not: bodies of GET and HEAD, and TRACE. */
async function rawStatus(port: number, sent: Sent): Promise<string> {
  const { method, path, headers, body = new Uint8Array() } = sent;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const all = {
    Host: `127.0.0.1:${port}`,
    Connection: "close",
    "Content-Length": `${body.length}`,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  const head = latin1(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  const timer = setTimeout(() => connection.close(), MOST_MILLISECONDS);
  try {
    await connection.write(new Uint8Array([...head, ...body]));
    const part = new Uint8Array(100);
    const size = await connection.read(part);
    const text = new TextDecoder().decode(part.subarray(0, size ?? 0));
    return /^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? "closed";
  } catch {
    return "closed";
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sends a request to a server of this machine.
 *
 * @returns The status, or `closed` or `no answer`.
 */
export async function statusOf(port: number, sent: Sent): Promise<string> {
  const { method, path, headers, body } = sent;
  const hasNoBody = method === "GET" || method === "HEAD";
  if (method === "TRACE" || hasNoBody && body !== undefined) {
    return await rawStatus(port, sent);
  }
  const signal = AbortSignal.timeout(MOST_MILLISECONDS);
  const init: RequestInit = { method, headers: { ...headers }, signal };
  if (body !== undefined) init.body = body;
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    await answer.arrayBuffer();
    return `${answer.status}`;
  } catch (error) {
    return (error as Error).name === "TimeoutError" ? "no answer" : "closed";
  }
}
