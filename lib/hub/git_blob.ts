/**
 * The id by which git knows a file, for files that are published in no other
 * place than a repository.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DownloadError } from "./download_error.ts";
import type { RemoteFile } from "./registry.ts";

/** SHA-1 of `blob SIZE`, a zero byte and the content, in hexadecimal. */
export async function gitBlobId(path: string): Promise<string> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const hash = createHash("sha1").update(`blob ${size}\0`);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * Removes a file whose id is not the published one.
 *
 * @throws {DownloadError} If it was removed.
 */
export async function assertGitBlob(
  folder: string,
  { path, gitBlob }: RemoteFile,
): Promise<void> {
  if (gitBlob === undefined) return;
  const target = join(folder, path);
  const id = await gitBlobId(target);
  if (id.startsWith(gitBlob)) return;
  await Deno.remove(target);
  throw new DownloadError(
    `Cannot use ${target} as git's id of it must start with ${gitBlob}: ` +
      `current value is ${id}`,
    "damaged",
  );
}
