/**
 * Sockets of a server, and how they are closed without losing a request.
 *
 * @module
 */
import {
  type ConnectionLimits,
  type Door,
  type DoorAddress,
  openDoor,
} from "./door.ts";
import type { ScoringServer } from "./server.ts";

/** Where to listen. */
export interface Address
  extends ConnectionLimits, Pick<DoorAddress, "isLocal"> {
  /** Address of the interface. */
  readonly hostname: string;
  /** Port; 0 for any that is free. */
  readonly port: number;
  /** A second port, for health and metrics only. */
  readonly healthPort?: number | undefined;
}

/** Milliseconds of each part of the end, counted from its start. */
export interface DrainTimes {
  /**
   * New connections are still taken so long: it takes a while until nobody
   * sends requests here any more.
   *
   * @default {1000}
   */
  readonly accept?: number;
  /**
   * What is not done is then refused with 503.
   *
   * @default {6500}
   */
  readonly refuse?: number;
  /**
   * What is still open then is not waited for.
   *
   * @default {7500}
   */
  readonly cut?: number;
}

/** Open sockets. */
export interface Listening {
  /** The port that was opened. */
  readonly port: number;
  /** Ends as {@linkcode DrainTimes} say; resolves when all is closed, or cut. */
  drain(times?: DrainTimes): Promise<void>;
}

function wait(milliseconds: number): {
  readonly promise: Promise<void>;
  readonly clear: () => void;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  return { promise, clear: () => clearTimeout(timer) };
}

/**
 * Opens the sockets of a server.
 *
 * @param address Where to listen.
 * @returns The open sockets.
 * @throws {ListenError} If a port cannot be opened.
 */
export async function listen(
  server: ScoringServer,
  { healthPort, ...address }: Address,
): Promise<Listening> {
  const main = await openDoor(server.app.fetch, address);
  const doors: Door[] = [main];
  if (healthPort !== undefined && healthPort !== address.port) {
    try {
      const health = { ...address, port: healthPort };
      doors.push(await openDoor(server.healthApp.fetch, health));
    } catch (error) {
      await main.close();
      throw error;
    }
  }
  return {
    port: main.port,
    async drain({ accept = 1000, refuse = 6500, cut = 7500 } = {}) {
      const refusing = wait(refuse);
      const cutting = wait(cut);
      refusing.promise.then(() => server.refuseWaiting());
      const batches = server.drain();
      await wait(accept).promise;
      const closed = Promise.all([
        batches,
        ...doors.map((door) => door.close()),
      ]);
      await Promise.race([closed, cutting.promise]);
      server.close();
      refusing.clear();
      cutting.clear();
    },
  };
}
