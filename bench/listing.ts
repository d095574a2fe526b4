/**
 * How long a data set in a tar archive takes to be listed, by the number of its
 * files and by the depth of its folders:
 *
 *     deno run -A bench/listing.ts [--files 25000,50000,100000] \
 *       [--folders 1000] [--depths 500,1000,2000]
 *
 * Prints one JSON object a line: the seconds of `openDataSet()`, and the largest
 * resident memory of a process that does nothing else.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Buffer } from "node:buffer";
import { pack } from "tar-stream";
import { openDataSet } from "../lib/data/open.ts";
import { peakMegabytes } from "./measure.ts";

const { values: flags } = parseArgs({
  options: {
    files: { type: "string", default: "25000,50000,100000" },
    folders: { type: "string", default: "1000" },
    depths: { type: "string", default: "500,1000,2000" },
    /** An archive to list in this process. */
    list: { type: "string" },
  },
});

function numbers(text: string): number[] {
  return text.split(",").map(Number);
}

/** So many images in folders of good and of defective products. */
function* widePaths(files: number, folders: number): Generator<string> {
  for (let i = 0; i < files; i++) {
    const folder = String(i % folders).padStart(4, "0");
    yield `line_${folder}/${i % 2 === 0 ? "good" : "bad"}/${i}.png`;
  }
}

/** One image below so many folders. */
function deepPath(depth: number): string {
  return `${"d/".repeat(depth)}1.png`;
}

/** Writes empty files: nothing of an image is read to list it. */
async function writeTar(
  archive: string,
  paths: Iterable<string>,
): Promise<void> {
  const packer = pack();
  for (const name of paths) packer.entry({ name }, Buffer.alloc(0));
  packer.finalize();
  const chunks = ReadableStream.from(packer as AsyncIterable<Uint8Array>);
  await Deno.writeFile(archive, chunks);
}

async function list(archive: string): Promise<void> {
  const start = performance.now();
  const { size, categories } = await openDataSet(archive);
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({
    images: size,
    categories: categories.length,
    seconds: Number(seconds.toFixed(2)),
    peakMegabytes: Math.round(await peakMegabytes()),
  }));
}

/** Lists an archive in a process of its own, whose memory is its alone. */
async function measure(
  facts: Readonly<Record<string, number>>,
  paths: Iterable<string>,
): Promise<void> {
  const archive = await Deno.makeTempFile({ suffix: ".tar" });
  try {
    await writeTar(archive, paths);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", import.meta.filename!, "--list", archive],
      stderr: "inherit",
    }).output();
    const found = JSON.parse(new TextDecoder().decode(stdout));
    console.log(JSON.stringify({ ...facts, ...found }));
  } finally {
    await Deno.remove(archive);
  }
}

if (flags.list !== undefined) {
  await list(flags.list);
} else {
  const folders = Number(flags.folders);
  for (const files of numbers(flags.files)) {
    await measure({ files, folders }, widePaths(files, folders));
  }
  for (const depth of numbers(flags.depths)) {
    await measure({ depth }, [deepPath(depth)]);
  }
}
