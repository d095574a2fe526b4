/**
 * Whether a port still takes connections.
 *
 * A server that has no file descriptor left for a connection stops to accept,
 * and does not begin again when there are some, without any error: seen with
 * Node's HTTP server in Deno 2.9.6. Then the port must be opened again.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

/** What {@linkcode AcceptWatch} watches. */
export interface WatchedPort {
  /** Address of the interface. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** Opens the port again. */
  readonly reopen: () => void;
}

/** How often the port is asked, and how long it may take to answer. */
const MILLISECONDS = 2000;
/** Asked so often in vain, it is opened again; one answer may just be late. */
const MOST_SILENT = 3;
/** An event loop that is so late says nothing of the port. */
const LATE_MILLISECONDS = 200;

/** Any answer will do, and this one counts nowhere: 400. */
const QUESTION = "?\r\n\r\n";

/** Asks a port from time to time. */
export class AcceptWatch implements Disposable {
  readonly #watched: WatchedPort;
  readonly #timer: ReturnType<typeof setInterval>;
  #socket: Socket | undefined;
  #silent = 0;
  #due = performance.now() + MILLISECONDS;

  /** Starts to watch. */
  constructor(watched: WatchedPort) {
    this.#watched = watched;
    this.#timer = setInterval(() => this.#ask(), MILLISECONDS);
    Deno.unrefTimer(Number(this.#timer));
  }

  /** Stops. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#socket?.destroy();
  }

  #ask(): void {
    const isLate = performance.now() > this.#due + LATE_MILLISECONDS;
    this.#due = performance.now() + MILLISECONDS;
    if (isLate) this.#silent = 0;
    else if (this.#socket !== undefined) this.#unanswered();
    this.#socket?.destroy();
    const { hostname, port } = this.#watched;
    const host = hostname.replace(/^(0\.0\.0\.0|::)$/, "localhost");
    const socket = connect({ host, port });
    const answered = () => {
      if (this.#socket === socket) this.#socket = undefined;
      socket.destroy();
    };
    // A connection that is closed at once was accepted too. Where none can be
    // made, as there is no file descriptor, nothing is known.
    for (const event of ["data", "end", "error"]) {
      socket.once(event, () => {
        answered();
        if (event !== "error") this.#silent = 0;
      });
    }
    socket.once("connect", () => socket.write(QUESTION));
    this.#socket = socket;
  }

  #unanswered(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    if (++this.#silent < MOST_SILENT) return;
    this.#silent = 0;
    this.#watched.reopen();
  }
}
