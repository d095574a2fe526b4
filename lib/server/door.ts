/**
 * One port of a server: how many connections it takes, and how long they may
 * keep silent.
 *
 * Node's HTTP server is used, as `Deno.serve` bounds neither: an idle
 * connection stays for ever there, and the process ends once there are no file
 * descriptors left.
 *
 * @module
 */
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { AcceptWatch } from "./accept_watch.ts";
import { AnswerQueue } from "./answer_queue.ts";
import { listenError } from "./listen_error.ts";

/** Answers a request. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** Bounds on the connections of a port. */
export interface ConnectionLimits {
  /**
   * Connections at a time; a further one is closed at once.
   *
   * @default {512}
   */
  readonly connections?: number;
  /**
   * Milliseconds until the headers of a request must be there.
   *
   * @default {20000}
   */
  readonly headers?: number;
  /**
   * Milliseconds that a connection may wait for its next request.
   *
   * @default {65000}
   */
  readonly idle?: number;
  /**
   * Milliseconds until a whole request must be there, its body included.
   *
   * @default {300000}
   */
  readonly request?: number;
  /**
   * Milliseconds in which a client must take some of an answer, or all of one
   * that was written at once.
   *
   * @default {120000}
   */
  readonly answer?: number;
}

/** Where to open a port. */
export interface DoorAddress extends ConnectionLimits {
  /**
   * Whether requests must name this machine as their host. Otherwise a page
   * of anybody reaches a server without tokens, once its own name leads to
   * 127.0.0.1.
   *
   * @default {false}
   */
  readonly isLocal?: boolean;
  /** Address of the interface. */
  readonly hostname: string;
  /** Port; 0 for any that is free. */
  readonly port: number;
}

/** An open port. */
export interface Door {
  /** Its number. */
  readonly port: number;
  /** Takes no more connections; resolves when the last one has its answer. */
  close(): Promise<void>;
}

/** How often connections are looked at, as a share of the shortest limit. */
const CHECKS = 4;

/** A host name or an address, and a port: no path, no query, no user. */
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/** A name or an address, of this machine. */
const NAME = /^[\w.:-]+$/;

const BAD_HOST = JSON.stringify({
  error: "Cannot answer as the Host header must be a host",
});

/** Names of this machine. */
const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

const FOREIGN_HOST = JSON.stringify({
  error: "Cannot answer as the Host header must be localhost: set MFP_TOKENS " +
    "to be reached by other names",
});

/** What is wrong with a host; undefined where nothing is. */
function complaintAbout(host: string, isLocal: boolean): string | undefined {
  if (!HOST.test(host) || !URL.canParse(`http://${host}`)) return BAD_HOST;
  return isLocal && !LOCAL.test(host) ? FOREIGN_HOST : undefined;
}

interface OpenServer {
  readonly server: Server;
  readonly answers: AnswerQueue;
}

function serverOf(
  fetch: Fetch,
  { connections, headers, idle, request, answer, isLocal }: Required<
    ConnectionLimits & Pick<DoorAddress, "isLocal">
  >,
): OpenServer {
  const listener = getRequestListener(fetch);
  const answers = new AnswerQueue((incoming, outgoing) => {
    // The route must never depend on the host: a request's address is made
    // of both, and `Host: x/metrics?` would choose another route.
    const { host = "localhost" } = incoming.headers;
    const complaint = complaintAbout(host, isLocal);
    if (complaint !== undefined) {
      outgoing.writeHead(400, { "Content-Type": "application/json" });
      outgoing.end(complaint);
      return;
    }
    listener(incoming, outgoing);
  }, answer);
  const server = createServer({
    headersTimeout: headers,
    requestTimeout: request,
    keepAliveTimeout: idle,
    connectionsCheckingInterval: Math.min(headers, idle) / CHECKS,
  }, (incoming, outgoing) => answers.add(incoming, outgoing));
  server.maxConnections = connections;
  return { server, answers };
}

async function start(
  server: Server,
  { hostname, port }: DoorAddress,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  try {
    if (!NAME.test(hostname)) throw invalidHost(hostname);
    server.listen(port, hostname, resolve);
    await promise;
  } catch (error) {
    throw listenError(error, `${hostname}:${port}`);
  }
  server.off("error", reject);
  const address = server.address();
  return typeof address === "object" ? address?.port ?? port : port;
}

function invalidHost(hostname: string): Error {
  const error = new TypeError(`Invalid host: ${hostname}`);
  return Object.assign(error, { code: "ERR_INVALID_HOST" });
}

/**
 * Opens a port.
 *
 * @param fetch Answers requests.
 * @param address Where, and the bounds on connections.
 * @returns The open port.
 * @throws {ListenError} If it cannot be opened.
 */
export async function openDoor(
  fetch: Fetch,
  address: DoorAddress,
): Promise<Door> {
  const { connections = 512, headers = 20_000 } = address;
  const { idle = 65_000, request = 300_000, answer = 120_000 } = address;
  const { isLocal = false } = address;
  const limits = { connections, headers, idle, request, answer, isLocal };
  const { server, answers } = serverOf(fetch, limits);
  const port = await start(server, address).catch((error) => {
    answers[Symbol.dispose]();
    throw error;
  });
  const { hostname } = address;
  // The port may not be free at once; the watch then tries again.
  server.on("error", () => {});
  const watch = new AcceptWatch({
    hostname,
    port,
    reopen() {
      server.close();
      server.listen(port, hostname);
    },
  });
  return {
    port,
    close() {
      watch[Symbol.dispose]();
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => {
        answers[Symbol.dispose]();
        resolve();
      });
      server.closeIdleConnections();
      return promise;
    },
  };
}
