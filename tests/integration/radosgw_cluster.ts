/**
 * The files of a Ceph cluster with one monitor and one object store, which is
 * in memory.
 *
 * @module
 */
import { run } from "./radosgw_programs.ts";

const STORE_BYTES = 4 * 2 ** 30;

/** What each program may do with the monitor and with the object store. */
const CAPABILITIES: Readonly<Record<string, readonly [string, string]>> = {
  "mon.": ["allow *", ""],
  "client.admin": ["allow *", "allow *"],
  "client.rgw": ["allow rwx", "allow rwx"],
  "osd.0": ["allow profile osd", "allow *"],
};

/** A key as Ceph has it: type 1 (AES), seconds, nanoseconds, size, 16 bytes. */
function randomKey(): string {
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 1, true);
  view.setUint32(2, Date.now() / 1000, true);
  view.setUint16(10, 16, true);
  crypto.getRandomValues(bytes.subarray(12));
  return bytes.toBase64();
}

function keyring(): string {
  return Object.entries(CAPABILITIES).map(([name, [monitor, store]]) =>
    `[${name}]\nkey = ${randomKey()}\ncaps mon = "${monitor}"\n` +
    (store === "" ? "" : `caps osd = "${store}"\n`)
  ).join("");
}

function configuration(folder: string, monitor: string): string {
  return `[global]
fsid = ${crypto.randomUUID()}
mon host = ${monitor}
mon initial members = a
public addr = 127.0.0.1
keyring = ${folder}/keyring
mon data = ${folder}/mon
osd data = ${folder}/osd
rgw data = ${folder}/rgw
run dir = ${folder}
admin socket =
pid file =
log file =
log to stderr = false
mon cluster log file = /dev/null
mon allow pool size one = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = ${STORE_BYTES}
`;
}

/**
 * Writes the files of a cluster, ready to be started.
 *
 * @param folder An empty folder
 * @param port A free port for the monitor
 * @returns The path of the configuration
 */
export async function writeCluster(
  folder: string,
  port: number,
): Promise<string> {
  const conf = `${folder}/ceph.conf`;
  const keys = `${folder}/keyring`;
  const map = `${folder}/monmap`;
  const monitor = `[v1:127.0.0.1:${port}]`;
  for (const name of ["mon", "osd", "rgw"]) {
    await Deno.mkdir(`${folder}/${name}`);
  }
  await Deno.writeTextFile(conf, configuration(folder, monitor));
  await Deno.writeTextFile(keys, keyring(), { mode: 0o600 });
  await run("monmaptool", [
    "-c",
    conf,
    "--create",
    "--addv",
    "a",
    monitor,
    map,
  ]);
  const mkfs = ["--mkfs", "-i", "a", "--monmap", map, "--keyring", keys];
  await run("ceph-mon", ["-c", conf, ...mkfs]);
  return conf;
}
