/**
 * Downloads files, models and data sets from servers that lie:
 *
 *     deno run -A bench/attacks/evil_downloads.ts
 *
 * Each download must end with the right files or with a sentence, and then
 * leave nothing under the name of a whole one. Prints a table, and ends with 1
 * where one did not.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { DataSetError } from "../../lib/data/sample.ts";
import { DiskError } from "../../lib/files/disk_error.ts";
import { DownloadError } from "../../lib/hub/download_error.ts";
import {
  installDataSet,
  isDataSetInstalled,
} from "../../lib/hub/install_data_set.ts";
import { installModel } from "../../lib/hub/install_model.ts";
import { isModelInstalled } from "../../lib/hub/installed_model.ts";
import type { RegistryModel, RemoteFile } from "../../lib/hub/registry.ts";
import type { FreeBytes } from "../../lib/hub/transfer/disk_space.ts";
import { transfer } from "../../lib/hub/transfer/transfer.ts";
import { entryAt, miniTar, quietly } from "../../tests/hub/_data_sets.ts";
import { sha256, withTemporary } from "../../tests/hub/_downloads.ts";
import { at, MODEL, sendNano } from "../../tests/hub/_models.ts";
import {
  type Asked,
  bytes,
  type Reply,
  sendFile,
  serve,
} from "../../tests/hub/_server.ts";
import { type Case, Fault, printCases } from "./case_table.ts";

/** Wraps an honest answer into a lie. */
type Lie = (honest: Reply, asked: Asked) => Reply;

const EMPTY = new Uint8Array();
const wrong = (body: Uint8Array = EMPTY) => body.map((byte) => byte ^ 1);

const LIES: Readonly<Record<string, Lie>> = {
  "too much": (honest) => ({
    ...honest,
    body: new Uint8Array([...honest.body ?? [], ...new Uint8Array(5000)]),
  }),
  "too much, of no length": (honest) => ({
    ...honest,
    body: new Uint8Array([...honest.body ?? [], ...new Uint8Array(5000)]),
    length: null,
  }),
  "200 MB of no length": (honest) => ({
    ...honest,
    status: 200,
    body: new Uint8Array(2e8),
    length: null,
  }),
  "no end": (honest) => ({ ...honest, status: 200, endless: "plain" }),
  "no end, in chunks": (honest) => ({
    ...honest,
    status: 200,
    endless: "chunked",
  }),
  "no end of an error": () => ({ status: 503, endless: "chunked" }),
  "no end of a redirect": () => ({
    status: 302,
    headers: { location: "/y" },
    endless: "plain",
  }),
  "no end of a part": (honest) => ({ ...honest, endless: "plain" }),
  "too little": (honest) => ({
    ...honest,
    body: honest.body?.subarray(0, honest.body.length / 2) ?? EMPTY,
  }),
  "nothing": (honest) => ({ ...honest, body: EMPTY }),
  "nothing, and the length of all": (honest) => ({
    ...honest,
    body: EMPTY,
    length: honest.body?.length ?? 0,
  }),
  "wrong bytes": (honest) => ({ ...honest, body: wrong(honest.body) }),
  "wrong bytes at first": (honest, { index }) =>
    index === 0 ? { ...honest, body: wrong(honest.body) } : honest,
  "a length of 2^60": (honest) => ({ ...honest, length: 2 ** 60 }),
  "a length below 0": (honest) => ({ ...honest, length: -1 }),
  "a body cut after 100 bytes": (honest) => ({ ...honest, cutAfter: 100 }),
  "a body cut at once": (honest) => ({ ...honest, cutAfter: 0 }),
  "a stall halfway": (honest) => ({
    ...honest,
    stallAfter: (honest.body?.length ?? 0) >> 1,
  }),
  "a stall at once": (honest) => ({ ...honest, stallAfter: 0 }),
  "a range that is ignored": (honest) => ({ ...honest, status: 200 }),
  "ranges that are others": (honest) => ({
    ...honest,
    status: 206,
    headers: { ...honest.headers, "content-range": "bytes 7-8/9" },
  }),
  "a size of 2^60 in ranges": (honest) => ({
    ...honest,
    status: 206,
    headers: {
      ...honest.headers,
      "content-range": `bytes 0-${(honest.body?.length ?? 1) - 1}/${2 ** 60}`,
    },
  }),
  "a tag that changes": (honest, { index }) => ({
    ...honest,
    headers: { ...honest.headers, etag: `"${index}"` },
  }),
  "redirects for ever": (_, { path, index }) => ({
    status: 302,
    headers: { location: `${path}?${index}` },
  }),
  "a redirect to a file": () => ({
    status: 302,
    headers: { location: "file:///etc/passwd" },
  }),
  "a redirect to nowhere": () => ({
    status: 302,
    headers: { location: "http://[" },
  }),
  "a redirect without an address": () => ({ status: 302 }),
  "a gzip bomb by its encoding": (honest) => ({
    ...honest,
    status: 200,
    headers: { ...honest.headers, "content-encoding": "gzip" },
    body: gzipSync(new Uint8Array(1e8)),
  }),
  "bytes that are no gzip": (honest) => ({
    ...honest,
    headers: { ...honest.headers, "content-encoding": "gzip" },
  }),
  "HTML": () => ({ body: new TextEncoder().encode("<html>Log in</html>") }),
  "204": () => ({ status: 204, length: null }),
  "206 to no range": (honest) => ({ ...honest, status: 206 }),
  "304": () => ({ status: 304, length: null }),
  "401": () => ({ status: 401 }),
  "403": () => ({ status: 403 }),
  "404": () => ({ status: 404 }),
  "416": () => ({ status: 416 }),
  "500": () => ({ status: 500 }),
  "503, again in 10^9 s": () => ({
    status: 503,
    headers: { "retry-after": "1000000000" },
  }),
  "a header of 200 kB": (honest) => ({
    ...honest,
    headers: { ...honest.headers, x: "y".repeat(200_000) },
  }),
  "no HTTP": (honest) => ({ ...honest, headers: { "\r\n\r\n\0": "\0" } }),
};

const FILE = bytes(30_000);
const STALL = 500;
/** Bytes of a file of which nothing is known. */
const MOST = 3e8;

/** A disk that others fill, by 10 MB at each look. */
function shrinking(): FreeBytes {
  let room = 1e9;
  return () => Promise.resolve(room -= 1e7);
}

/** A path of `download`: what is honest, and how it is fetched. */
interface Way {
  readonly name: string;
  readonly honest: (asked: Asked) => Reply;
  /** Fetches into a folder, and says whether it calls that whole. */
  readonly fetch: (origin: string, folder: string) => Promise<void>;
  readonly isWhole: (folder: string) => Promise<boolean>;
}

const tar = await miniTar();
const tuning = { stallMilliseconds: STALL };

function fileWay(
  name: string,
  expected: { size?: number; sha256?: string },
): Way {
  return {
    name,
    honest: (asked) => sendFile(asked, FILE),
    async fetch(origin, folder) {
      await transfer(`${origin}/x`, `${folder}/x`, {
        ...quietly().tuning,
        segmentBytes: 10_000,
        ...tuning,
        expected,
        mostBytes: MOST,
      });
      const found = await Deno.readFile(`${folder}/x`);
      // A file of which nothing is known may be any.
      if (expected.sha256 !== undefined && sha256(found) !== sha256(FILE)) {
        throw new Fault("other bytes were taken");
      }
    },
    isWhole: (folder) => Deno.stat(`${folder}/x`).then(() => true, () => false),
  };
}

/** The same file, without its size. */
function untold(file: RemoteFile): RemoteFile {
  const { sha256 } = file.expected;
  return { ...file, expected: { ...sha256 !== undefined && { sha256 } } };
}

function modelWay(name: string, model: RegistryModel): Way {
  return {
    name,
    honest: sendNano,
    fetch: async (origin, folder) => {
      const options = at(origin);
      await installModel(model, `${folder}/m`, {
        ...options,
        tuning: { ...options.tuning, ...tuning, free: shrinking() },
      });
    },
    isWhole: (folder) => isModelInstalled(model, `${folder}/m`),
  };
}

const WAYS: readonly Way[] = [
  fileWay("file", { size: FILE.length, sha256: sha256(FILE) }),
  fileWay("file of no known size", { sha256: sha256(FILE) }),
  fileWay("file of which nothing is known", {}),
  modelWay("model", MODEL),
  modelWay("model of no known sizes", {
    ...MODEL,
    files: MODEL.files.map(untold),
  }),
  {
    name: "data set, of no known size",
    honest: (asked) => sendFile(asked, tar),
    fetch: async (origin, folder) => {
      const options = quietly();
      await installDataSet(entryAt(origin, tar), `${folder}/d`, {
        ...options,
        tuning: { ...options.tuning, ...tuning, free: shrinking() },
      });
    },
    isWhole: (folder) => isDataSetInstalled(`${folder}/d`),
  },
];

function caseOf(way: Way, name: string, lie: Lie): Case {
  return {
    name: `${way.name}: ${name}`,
    async run() {
      await using server = serve((asked) => lie(way.honest(asked), asked));
      let told = "";
      await withTemporary(async (folder) => {
        try {
          await way.fetch(server.origin, folder);
          told = `whole, ${server.asked.length} requests`;
        } catch (error) {
          if (await way.isWhole(folder)) {
            throw new Fault(`left whole: ${error}`);
          }
          throw error;
        }
        if (!await way.isWhole(folder)) throw new Fault("not whole");
      });
      return told;
    },
  };
}

const cases = WAYS.flatMap((way) =>
  Object.entries(LIES).map(([name, lie]) => caseOf(way, name, lie))
);
const faults = await printCases(cases, {
  own: [DataSetError, DiskError, DownloadError, ModelError],
  seconds: 60,
});
Deno.exit(faults > 0 ? 1 : 0);
