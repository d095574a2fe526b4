/**
 * A real S3 server for tests: Ceph's gateway on loopback, from Debian's
 * packages. It starts in about 12 seconds and takes about 300 MB.
 *
 * @module
 */
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { whyNoPrograms } from "./debian_packages.ts";
import { writeCluster } from "./radosgw_cluster.ts";
import { run } from "./radosgw_programs.ts";

const PACKAGES = ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"];
const PROGRAMS = [
  "radosgw",
  "ceph",
  "ceph-mon",
  "ceph-osd",
  "monmaptool",
  "radosgw-admin",
];

const ANSWER_SECONDS = 60;

/** A running gateway. */
export interface Radosgw extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40000`. */
  readonly endpoint: string;
  /** The public half of its only user's key. */
  readonly accessKey: string;
  /** The secret half. */
  readonly secretKey: string;
  /** Makes an empty bucket; its name has at least 3 characters. */
  createBucket(name: string): Promise<void>;
  /** Ends it, and removes what it stored. */
  stop(): Promise<void>;
}

/**
 * Whether the gateway can be started here. Where its packages are absent they
 * are installed, if that is possible.
 *
 * @returns Why not; undefined where it can
 */
export function whyNoRadosgw(): Promise<string | undefined> {
  return whyNoPrograms(PROGRAMS, PACKAGES);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function untilAnswered(endpoint: string): Promise<void> {
  const end = Date.now() + 1000 * ANSWER_SECONDS;
  while (Date.now() < end) {
    try {
      const response = await fetch(endpoint);
      await response.body?.cancel();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(
    `Cannot go on as radosgw must answer within ${ANSWER_SECONDS} seconds`,
  );
}

/** The programs of one cluster, and its folder. */
class Cluster {
  readonly #folder: string;
  readonly #servers: Deno.ChildProcess[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  #serve(program: string, args: readonly string[]): void {
    const command = new Deno.Command(program, {
      args: ["-f", ...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    this.#servers.push(command.spawn());
  }

  /** Starts all programs and gives the gateway's address. */
  async start(keys: readonly string[]): Promise<string> {
    const conf = ["-c", await writeCluster(this.#folder, freePort())];
    this.#serve("ceph-mon", [...conf, "-i", "a"]);
    await run("ceph", [...conf, "--connect-timeout", "60", "osd", "create"]);
    await run("ceph-osd", [...conf, "-i", "0", "--mkfs"]);
    this.#serve("ceph-osd", [...conf, "-i", "0"]);
    const user = ["--uid", "test", "--display-name", "test"];
    await run("radosgw-admin", [...conf, "user", "create", ...user, ...keys]);
    const address = `127.0.0.1:${freePort()}`;
    const frontend = ["--rgw-frontends", `beast endpoint=${address}`];
    this.#serve("radosgw", [...conf, "-n", "client.rgw", ...frontend]);
    await untilAnswered(`http://${address}`);
    return `http://${address}`;
  }

  async stop(): Promise<void> {
    const servers = this.#servers.splice(0);
    servers.forEach(kill);
    await Promise.all(servers.map(({ status }) => status));
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function kill(server: Deno.ChildProcess): void {
  try {
    server.kill("SIGKILL");
  } catch (error) {
    const isOver = error instanceof TypeError ||
      error instanceof Deno.errors.NotFound;
    if (!isOver) throw error;
  }
}

/**
 * Starts a gateway with one user and no bucket, on free ports of loopback.
 *
 * @param folder An empty folder for its files; a temporary one where absent
 * @returns The gateway; to be stopped
 */
export async function startRadosgw(folder?: string): Promise<Radosgw> {
  const cluster = new Cluster(
    folder ?? await Deno.makeTempDir({ prefix: "radosgw-" }),
  );
  const accessKey = crypto.randomUUID().replaceAll("-", "").slice(0, 20);
  const secretKey = crypto.randomUUID();
  try {
    const endpoint = await cluster.start(
      ["--access-key", accessKey, "--secret-key", secretKey],
    );
    const client = new S3Client({
      endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    });
    const createBucket = async (Bucket: string) => {
      await client.send(new CreateBucketCommand({ Bucket }));
    };
    const stop = async () => {
      client.destroy();
      await cluster.stop();
    };
    const keys = { endpoint, accessKey, secretKey };
    return { ...keys, createBucket, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
