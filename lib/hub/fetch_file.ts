/**
 * Gets one file: from another place on this machine, else by download.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { DownloadError } from "./download_error.ts";
import { formatBytes } from "./transfer/disk_space.ts";
import { makeWhole } from "../files/whole_file.ts";
import { type Measured, mismatch } from "./transfer/expectation.ts";
import { shownUrl } from "./transfer/http.ts";
import { type HubOptions, signalOf } from "./hub_options.ts";
import { addressOf, cachedPath, credentialsOf } from "./hugging_face.ts";
import { measureFile, sizeOf } from "./measure_file.ts";
import type { RemoteFile } from "./registry.ts";
import { transfer } from "./transfer/transfer.ts";

/** Options of {@linkcode fetchFile}. */
export interface FetchOptions extends HubOptions {
  /** Paths where the same file may lie already. */
  readonly elsewhere?: readonly string[];
  /** The most bytes of a file whose size is not published. */
  readonly mostBytes?: number;
}

/**
 * Measures a file if it may be the wanted one.
 *
 * @param path Where the file may lie.
 * @param file What is wanted.
 */
export async function measureIfWhole(
  path: string,
  { path: name, expected }: RemoteFile,
  { onStep, signal }: HubOptions = {},
): Promise<Measured | undefined> {
  const total = await sizeOf(path);
  if (total === undefined || total !== (expected.size ?? total)) {
    return undefined;
  }
  const measured = await measureFile(path, {
    ...signal && { signal },
    onProgress: (done) => onStep?.({ stage: "verify", name, done, total }),
  });
  return measured !== undefined && mismatch(expected, measured) === undefined
    ? measured
    : undefined;
}

/** Gives a file a second name, or copies it where that cannot be. */
async function link(from: string, to: string): Promise<void> {
  const real = await Deno.realPath(from);
  await makeWhole(to, async (temporary) => {
    try {
      await Deno.link(real, temporary);
    } catch {
      await Deno.copyFile(real, temporary);
    }
  });
}

async function useLocal(
  file: RemoteFile,
  target: string,
  options: FetchOptions,
): Promise<Measured | undefined> {
  if (file.expected.sha256 === undefined) return undefined;
  const cached = cachedPath(file.url, options.huggingFace ?? {});
  const places = [...options.elsewhere ?? [], cached];
  for (const place of places.filter((path) => path !== undefined)) {
    const measured = await measureIfWhole(place, file, options);
    if (measured === undefined) continue;
    await link(place, target);
    options.onNotice?.(`Took ${file.path} from ${place}`);
    return measured;
  }
  return undefined;
}

/** The name under which a file is published. */
export function publishedName({ url }: Pick<RemoteFile, "url">): string {
  return basename(new URL(url).pathname);
}

/**
 * Takes a file that someone got by hand.
 *
 * @param folder Where it lies, under its published name.
 * @param target Where it is to be.
 * @returns Undefined if it is not there.
 * @throws {DownloadError} If it is not as expected.
 */
export async function takeFile(
  file: RemoteFile,
  target: string,
  { from, ...options }: HubOptions & { readonly from: string },
): Promise<Measured | undefined> {
  const path = join(from, publishedName(file));
  if (await sizeOf(path) === undefined) return undefined;
  const measured = await measureFile(path, { signal: signalOf(options) });
  if (measured === undefined) return undefined;
  const problem = mismatch(file.expected, measured);
  if (problem !== undefined) {
    throw new DownloadError(`Cannot use ${path} as ${problem}`, "refused");
  }
  await Deno.mkdir(dirname(target), { recursive: true });
  await link(path, target);
  options.onNotice?.(`Took ${file.path} from ${path}`);
  return measured;
}

/**
 * Gets a file. An equal file elsewhere on this machine, such as in the cache of
 * Hugging Face's own tools, is linked or copied instead of a download.
 *
 * @param target Where it is to be.
 * @throws {DownloadError} If it is not on this machine and nothing may
 * be downloaded, or does not exist.
 * @throws {Error} As {@linkcode transfer}.
 */
export async function fetchFile(
  file: RemoteFile,
  target: string,
  options: FetchOptions = {},
): Promise<Measured> {
  const { huggingFace = {}, tuning, mostBytes, onStep, onNotice } = options;
  await Deno.mkdir(dirname(target), { recursive: true });
  const local = await useLocal(file, target, options);
  if (local !== undefined) return local;
  const url = addressOf(file.url, huggingFace);
  if (options.offline) {
    throw new DownloadError(
      `Cannot get ${file.path} without a network as it must be at ${target}: nothing was found`,
      "missing",
    );
  }
  const { size } = file.expected;
  const told = size === undefined ? "" : `, ${formatBytes(size)}`;
  onNotice?.(`Downloading ${file.path} from ${shownUrl(url)}${told}`);
  return await transfer(url, target, {
    ...tuning,
    expected: file.expected,
    ...mostBytes !== undefined && { mostBytes },
    ...credentialsOf(huggingFace),
    signal: signalOf(options),
    onProgress: ({ received: done, total }) =>
      onStep?.({ stage: "download", name: file.path, done, total }),
    onRetry: ({ error, delay }) =>
      onNotice?.(
        `${error.message}; trying again in ${Math.ceil(delay / 1000)} s`,
      ),
  });
}
