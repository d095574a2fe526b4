/**
 * Inputs and outputs that a user may not use, that change or are no files.
 *
 * @module
 */

/** The one category of the images. */
export const CATEGORY = "nut";

const GOOD = `${CATEGORY}/test/good`;

/** What a run reads and writes. */
export interface Places {
  readonly data: string;
  readonly out: string;
}

function firstIn(data: string): string {
  const [name = ""] = [...Deno.readDirSync(`${data}/${GOOD}`)]
    .map(({ name }) => name).sort();
  return `${data}/${GOOD}/${name}`;
}

/** Verbs that read images. */
const READERS = ["eval", "score", "calibrate", "train"];

/** Verbs that write. */
const ALL = [...READERS, "export", "synth", "download"];

/** Changes an input or an output before, or while, it is used. */
export interface Oddity {
  readonly name: string;
  readonly verbs: readonly string[];
  readonly make: (places: Places) => Promise<Partial<Places> | void>;
  /** Done half a second into the run, and every 50 ms from then on. */
  readonly meanwhile?: (places: Places) => Promise<void>;
  readonly disk?: { readonly kilobytes: number; readonly frozen: boolean };
}

/** All of them. */
export const ODDITIES: readonly Oddity[] = [
  {
    name: "an output that is a file",
    verbs: ALL,
    make: ({ out }) => Deno.writeTextFile(out, "x"),
  },
  {
    name: "an output below a file",
    verbs: ALL,
    async make({ out }) {
      await Deno.writeTextFile(out, "x");
      return { out: `${out}/deeper` };
    },
  },
  {
    name: "an output that may not be written",
    verbs: ALL,
    async make({ out }) {
      await Deno.mkdir(out, { mode: 0o500 });
      await Deno.chmod(out, 0o500);
    },
  },
  {
    name: "an output below what may not be written",
    verbs: ALL,
    async make({ out }) {
      await Deno.mkdir(out);
      await Deno.chmod(out, 0o500);
      return { out: `${out}/deeper` };
    },
  },
  {
    name: "an output that is a link to nowhere",
    verbs: ALL,
    make: ({ out }) => Deno.symlink(`${out}-none/x`, out),
  },
  {
    name: "an output that is a link to itself",
    verbs: ALL,
    make: ({ out }) => Deno.symlink(out, out),
  },
  {
    name: "an output that is a FIFO",
    verbs: ALL,
    make: async ({ out }) => await fifo(out),
  },
  {
    name: "an output in /proc",
    verbs: ALL,
    make: () => Promise.resolve({ out: "/proc/1/x" }),
  },
  {
    name: "an output whose name is empty",
    verbs: ALL,
    make: () => Promise.resolve({ out: "" }),
  },
  {
    name: "a full disk",
    verbs: ALL,
    disk: { kilobytes: 16, frozen: false },
    make: () => Promise.resolve(),
  },
  {
    name: "a read-only disk",
    verbs: ALL,
    disk: { kilobytes: 8000, frozen: true },
    make: () => Promise.resolve(),
  },
  {
    name: "an output that is removed while it runs",
    verbs: ["eval", "score", "calibrate", "train", "synth", "export"],
    make: () => Promise.resolve(),
    meanwhile: ({ out }) =>
      Deno.remove(out, { recursive: true }).catch(() => {}),
  },
  {
    name: "an input that is removed while it runs",
    verbs: READERS,
    make: () => Promise.resolve(),
    meanwhile: ({ data }) =>
      Deno.remove(data, { recursive: true }).catch(() => {}),
  },
  {
    name: "images that change while they are read",
    verbs: READERS,
    make: () => Promise.resolve(),
    async meanwhile({ data }) {
      const path = firstIn(data);
      await Deno.truncate(path, Math.floor(Math.random() * 3000));
    },
  },
  {
    name: "an image that may not be read",
    verbs: READERS,
    make: ({ data }) => Deno.chmod(firstIn(data), 0),
  },
  {
    name: "a folder that may not be read",
    verbs: READERS,
    make: ({ data }) => Deno.chmod(`${data}/${GOOD}`, 0),
  },
  {
    name: "a folder that may be listed, not entered",
    verbs: READERS,
    make: ({ data }) => Deno.chmod(`${data}/${GOOD}`, 0o444),
  },
  {
    name: "an input that may not be read",
    verbs: READERS,
    make: ({ data }) => Deno.chmod(data, 0),
  },
  {
    name: "an image that is a link to nowhere",
    verbs: READERS,
    make: ({ data }) => Deno.symlink("none.png", `${data}/${GOOD}/zz.png`),
  },
  {
    name: "an image that is a link to itself",
    verbs: READERS,
    make: ({ data }) => Deno.symlink("zz.png", `${data}/${GOOD}/zz.png`),
  },
  {
    name: "a folder that is a link to its own parent",
    verbs: READERS,
    make: ({ data }) => Deno.symlink("..", `${data}/${GOOD}/zz`),
  },
  {
    name: "an image that is a FIFO",
    verbs: READERS,
    make: async ({ data }) => await fifo(`${data}/${GOOD}/zz.png`),
  },
  {
    name: "an image that is /dev/zero",
    verbs: READERS,
    make: ({ data }) => Deno.symlink("/dev/zero", `${data}/${GOOD}/zz.png`),
  },
  {
    name: "an image that is a folder",
    verbs: READERS,
    make: ({ data }) => Deno.mkdir(`${data}/${GOOD}/zz.png`),
  },
  {
    name: "an image of no bytes",
    verbs: READERS,
    make: ({ data }) => Deno.writeTextFile(`${data}/${GOOD}/zz.png`, ""),
  },
  {
    name: "a mask that may not be read",
    verbs: ["eval", "score", "train"],
    async make({ data }) {
      const masks = `${data}/${CATEGORY}/ground_truth`;
      for (const { name } of Deno.readDirSync(masks)) {
        for (const file of Deno.readDirSync(`${masks}/${name}`)) {
          await Deno.chmod(`${masks}/${name}/${file.name}`, 0);
        }
      }
    },
  },
  {
    name: "an input that is a FIFO",
    verbs: READERS,
    async make({ data }) {
      await fifo(`${data}/x.zip`);
      return { data: `${data}/x.zip` };
    },
  },
  {
    name: "an input that is a device",
    verbs: READERS,
    make: () => Promise.resolve({ data: "/dev/zero" }),
  },
  {
    name: "an input that is a list no one may read",
    verbs: READERS,
    async make({ data }) {
      const path = `${data}/list.csv`;
      await Deno.writeTextFile(path, "image\nx.png\n");
      await Deno.chmod(path, 0);
      return { data: path };
    },
  },
  {
    name: "an input that is an archive no one may read",
    verbs: READERS,
    async make({ data }) {
      const path = `${data}/x.zip`;
      await Deno.writeTextFile(path, "PK");
      await Deno.chmod(path, 0);
      return { data: path };
    },
  },
];

async function fifo(path: string): Promise<void> {
  await new Deno.Command("mkfifo", { args: [path] }).output();
}
