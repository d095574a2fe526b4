/**
 * Images in dropped .zip archives, unpacked in the browser.
 *
 * @module
 */
const IMAGE_REGEXP = /\.(png|jpe?g|webp|tiff?|bmp)$/i;
/** An end record has 22 bytes, and a comment of at most 65,535. */
const END_LENGTH = 22 + 65_535;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
/** A larger file is no photograph that servers take: bodies end at 32 MiB. */
const MAX_FILE = 128 << 20;

function viewOf(buffer) {
  return new DataView(buffer);
}

/** Whether a file is an archive by its name. */
export function isZip({ name }) {
  return /\.zip$/i.test(name);
}

function refuse(name, reason) {
  return new Error(`Cannot read ${name} as ${reason}`);
}

/** Finds the list of entries. */
async function directoryOf(file) {
  const start = Math.max(0, file.size - END_LENGTH);
  const tail = viewOf(await file.slice(start).arrayBuffer());
  for (let at = tail.byteLength - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    const size = tail.getUint32(at + 12, true);
    const offset = tail.getUint32(at + 16, true);
    // ZIP64 keeps its real offsets elsewhere.
    if (offset === 0xffffffff) break;
    return viewOf(await file.slice(offset, offset + size).arrayBuffer());
  }
  throw refuse(file.name, "it must be a .zip archive of less than 4 GB");
}

function* entriesOf(directory) {
  const decoder = new TextDecoder();
  let at = 0;
  while (
    at + 46 <= directory.byteLength && directory.getUint32(at, true) === ENTRY
  ) {
    const [nameLength, extra, comment] = [28, 30, 32].map((field) =>
      directory.getUint16(at + field, true)
    );
    const name = decoder.decode(
      new Uint8Array(directory.buffer, at + 46, nameLength),
    );
    yield {
      name,
      isLocked: (directory.getUint16(at + 8, true) & 1) === 1,
      method: directory.getUint16(at + 10, true),
      packed: directory.getUint32(at + 20, true),
      size: directory.getUint32(at + 24, true),
      offset: directory.getUint32(at + 42, true),
    };
    at += 46 + nameLength + extra + comment;
  }
}

/** Stops where more comes out than the directory says. */
function atMost(size, name) {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen > size) throw refuse(name, "it is larger than its archive says");
      controller.enqueue(chunk);
    },
  });
}

async function unpack(file, { name, isLocked, method, packed, size, offset }) {
  if (isLocked) throw refuse(name, "it must not have a password");
  if (method !== STORED && method !== DEFLATED) {
    throw refuse(name, "it must be stored or deflated in its archive");
  }
  if (size > MAX_FILE) throw refuse(name, "it is larger than 128 MiB");
  const header = viewOf(await file.slice(offset, offset + 30).arrayBuffer());
  const start = offset + 30 + header.getUint16(26, true) +
    header.getUint16(28, true);
  const bytes = file.slice(start, start + packed);
  if (method === STORED) return new File([bytes], name);
  const stream = bytes.stream()
    .pipeThrough(new DecompressionStream("deflate-raw"))
    .pipeThrough(atMost(size, name));
  return new File([await new Response(stream).blob()], name);
}

/**
 * The images of an archive, by name. Each is unpacked when it is read.
 *
 * @param {File} file An archive.
 * @returns {Promise<{name: string, read: () => Promise<File>}[]>} Its images.
 */
export async function imagesOf(file) {
  const entries = [...entriesOf(await directoryOf(file))];
  return entries.filter(({ name }) =>
    IMAGE_REGEXP.test(name) && !/(^|\/)(\.|__MACOSX\/)/.test(name)
  ).map((entry) => ({ name: entry.name, read: () => unpack(file, entry) }));
}
