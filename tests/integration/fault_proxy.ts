/**
 * A proxy in front of an S3 server that fails as networks and busy stores do.
 *
 * @module
 */
import { forward, readRequest, write } from "./fault_proxy_http.ts";

/** How often a request meets each fault: from 0 to 1, in all at most 1. */
export interface FaultRates {
  /** It is answered 503 at once, as S3 does when it is asked too much. */
  readonly unavailable?: number;
  /** Only a part of it reaches the server; then the connection is closed. */
  readonly reset?: number;
  /** It reaches the server; the connection is closed before the answer. */
  readonly lost?: number;
  /** The answer ends somewhere, and the connection with it. */
  readonly cut?: number;
  /** The answer stops somewhere, and the connection stays open. */
  readonly stall?: number;
}

/** The kinds of fault. */
export type Fault = keyof FaultRates;

/** How the proxy behaves. */
export interface FaultOptions {
  /** Where the random numbers start. */
  readonly seed: number;
  /** How often each fault happens. */
  readonly rates: FaultRates;
}

/** A running proxy. */
export interface FaultProxy extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40000`. */
  readonly endpoint: string;
  /** Requests so far. */
  readonly requests: number;
  /** Faults so far, by kind. */
  readonly faults: Readonly<Record<Fault, number>>;
  /** Ends it, and all connections with it. */
  stop(): Promise<void>;
}

const SLOW_DOWN = "<Error><Code>SlowDown</Code>" +
  "<Message>Please reduce your request rate.</Message></Error>";
const UNAVAILABLE = "HTTP/1.1 503 Slow Down\r\nConnection: close\r\n" +
  `Content-Length: ${SLOW_DOWN.length}\r\n\r\n${SLOW_DOWN}`;

/** Mulberry32: numbers from 0 to 1, 1 excluded. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

class LoopbackProxy implements FaultProxy {
  readonly endpoint: string;
  readonly faults: Record<Fault, number> = {
    unavailable: 0,
    reset: 0,
    lost: 0,
    cut: 0,
    stall: 0,
  };
  requests = 0;
  readonly #target: URL;
  readonly #rates: FaultRates;
  readonly #random: () => number;
  readonly #listener: Deno.Listener;
  readonly #connections = new Set<Deno.Conn>();
  readonly #served: Promise<void>;

  constructor(target: string, { seed, rates }: FaultOptions) {
    this.#target = new URL(target);
    this.#rates = rates;
    this.#random = seededRandom(seed);
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = this.#listener.addr as Deno.NetAddr;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#served = this.#serve();
  }

  async #serve(): Promise<void> {
    const answering: Promise<void>[] = [];
    for await (const connection of this.#listener) {
      answering.push(this.#answer(connection));
    }
    await Promise.all(answering);
  }

  /** Answers one request. Whoever hangs up meanwhile is no failure. */
  async #answer(client: Deno.Conn): Promise<void> {
    this.#connections.add(client);
    try {
      const request = await readRequest(client);
      if (request === undefined) return;
      this.requests += 1;
      const fault = this.#draw();
      if (fault !== undefined) this.faults[fault] += 1;
      await this.#meet(fault, client, request);
    } catch (error) {
      if (!isHangUp(error)) throw error;
    } finally {
      this.#connections.delete(client);
      close(client);
    }
  }

  #draw(): Fault | undefined {
    let left = this.#random();
    for (const kind of Object.keys(this.faults) as Fault[]) {
      left -= this.#rates[kind] ?? 0;
      if (left < 0) return kind;
    }
    return undefined;
  }

  async #meet(
    fault: Fault | undefined,
    client: Deno.Conn,
    request: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    if (fault === "unavailable") {
      await write(client, new TextEncoder().encode(UNAVAILABLE));
      return;
    }
    const share = this.#random();
    if (fault === "reset") {
      const sent = request.subarray(0, Math.floor(share * request.length));
      await forward(this.#target, sent, false);
      return;
    }
    const answer = await forward(this.#target, request, true);
    if (fault === "lost") return;
    const isWhole = fault === undefined;
    const end = isWhole ? answer.length : Math.floor(share * answer.length);
    await write(client, answer.subarray(0, end));
    if (fault === "stall") await client.read(new Uint8Array(1));
  }

  async stop(): Promise<void> {
    close(this.#listener);
    for (const connection of this.#connections) close(connection);
    await this.#served;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function isHangUp(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.Interrupted;
}

function close(resource: Disposable): void {
  try {
    resource[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/**
 * Starts a proxy on a free port of loopback.
 *
 * @param target The server's address, such as `http://127.0.0.1:40000`
 * @param options Which faults, and how often
 * @returns The proxy; to be stopped
 */
export function startFaultProxy(
  target: string,
  options: FaultOptions,
): FaultProxy {
  return new LoopbackProxy(target, options);
}
