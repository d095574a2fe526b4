/**
 * The files of a folder in little memory: about 30 bytes for a file in a bucket.
 *
 * @module
 */
import type { ObjectInfo } from "../../storage/object_store.ts";
import type { ByteReader, ByteWriter } from "./packed_bytes.ts";
import { type Codec, SortedRecords } from "./sorted_records.ts";

/** What is kept of a file beside its key. */
export type FileFacts = Pick<ObjectInfo, "size" | "etag">;

/** An ETag of one upload is an MD5. */
const MD5 = /^[0-9a-f]{32}$/;

/** Writes an ETag; one of 32 hexadecimal digits as 16 bytes. */
export function writeEtag(etag: string, to: ByteWriter): void {
  const isPacked = MD5.test(etag);
  to.number(isPacked ? 1 : 0);
  if (isPacked) to.copy(Uint8Array.fromHex(etag));
  else to.text(etag);
}

/** Reads what {@linkcode writeEtag} wrote. */
export function readEtag(from: ByteReader): string {
  return from.number() === 1 ? from.hex(16) : from.text();
}

const FACTS: Codec<FileFacts> = {
  write({ size, etag }, to) {
    to.number(size);
    writeEtag(etag, to);
  },
  read: (from) => ({ size: from.number(), etag: readEtag(from) }),
};

/** Files by key. */
export type PackedFiles = SortedRecords<FileFacts>;

/** Starts without any file. */
export function packedFiles(): PackedFiles {
  return new SortedRecords(FACTS);
}
