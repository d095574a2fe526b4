/**
 * Reads, lists and writes in a bucket whose store lies:
 *
 *     deno run -A bench/attacks/evil_s3.ts
 *
 * Each call must end with the right bytes or with a sentence. Prints a table,
 * and ends with 1 where one did not.
 *
 * @module
 */
import { mergeRun } from "../../lib/batch/merge.ts";
import { planRun } from "../../lib/batch/plan.ts";
import { RunError } from "../../lib/batch/run_error.ts";
import { DataSetError } from "../../lib/data/sample.ts";
import { openStore } from "../../lib/storage/open_store.ts";
import {
  type ObjectStore,
  StorageError,
} from "../../lib/storage/object_store.ts";
import {
  type Asked,
  bytes,
  type Reply,
  serve,
} from "../../tests/hub/_server.ts";
import { storedObject } from "../../lib/storage/stored_object.ts";
import { MemoryStore } from "../../tests/batch/_memory_store.ts";
import { only, options, scoreAll } from "../../tests/batch/_runs.ts";
import { type Case, Fault, printCases } from "./case_table.ts";

const CREDENTIALS = { accessKeyId: "anyone", secretAccessKey: "anything" };
const DATA = bytes(100_000);
const ETAG = '"one"';
/** Bytes that a reader takes. */
const MOST = 1e6;
const HTML = new TextEncoder().encode("<html><body>Log in</body></html>");
/** Keys of a listing may be so many that a store can never be done. */
const MOST_KEYS = 200_000;

type Answer = (asked: Asked) => Reply;
type Work = (store: ObjectStore) => Promise<string>;

/** Does something with a store that answers so. */
function against(name: string, answer: Answer, work: Work): Case {
  return {
    name,
    async run() {
      await using server = serve(answer);
      return await work(openStore("s3://bucket/a/", {
        endpoint: server.origin,
        credentials: CREDENTIALS,
        attempts: 3,
        stallSeconds: 1,
      }));
    },
  };
}

const readSome: Work = async (store) => {
  const { length } = await store.read("x", { maxBytes: MOST });
  throw new Fault(`${length} bytes were taken`);
};

const imageOf: Work = async (store) => {
  const stores = only(store);
  const input = { uri: store.uri, stores };
  const plan = await planRun(input, new MemoryStore("out"), options());
  await scoreAll(plan, { stores });
  const { rows } = await mergeRun(plan, { stores });
  for await (const { error } of rows) {
    if (!error?.includes("at most")) throw new Fault(`its row: ${error}`);
    return `a row: ${error}`;
  }
  throw new Fault("no row");
};

/** As a model in a bucket is copied, and a worker reads an archive. */
const streamKnown: Work = async (store) => {
  const object = await storedObject(store, "x");
  let length = 0;
  for await (const chunk of object.open()) length += chunk.length;
  throw new Fault(`${length} bytes were taken`);
};

const read: Work = async (store) => {
  const found = await store.read("x", { etag: "one" });
  if (found.length === DATA.length && found.every((b, i) => b === DATA[i])) {
    return "the right bytes";
  }
  throw new Fault(`${found.length} other bytes were taken`);
};

const readPart: Work = async (store) => {
  const found = await store.read("x", {
    etag: "one",
    range: { start: 1000, end: 2000 },
  });
  const isRight = found.length === 1000 &&
    found.every((b, i) => b === DATA[1000 + i]);
  if (isRight) return "the right part";
  throw new Fault(`${found.length} other bytes were taken`);
};

const whole: Reply = { headers: { etag: ETAG }, body: DATA };
const part = (told: string, body: Uint8Array): Reply => ({
  status: 206,
  headers: { etag: ETAG, "content-range": told },
  body,
});

const READS: readonly Case[] = [
  against("another ETag", () => ({ ...whole, headers: { etag: '"2"' } }), read),
  against("no ETag", () => ({ ...whole, headers: {} }), read),
  against("bodies that end early", () => ({ ...whole, cutAfter: 10 }), read),
  against("bodies that end at once", () => ({ ...whole, cutAfter: 0 }), read),
  against("bodies that stall", () => ({ ...whole, stallAfter: 10 }), read),
  against("a length too large", () => ({ ...whole, length: 200_000 }), read),
  against("a length of 2^60", () => ({ ...whole, length: 2 ** 60 }), read),
  against("a length below 0", () => ({ ...whole, length: -5 }), read),
  against(
    "a second length",
    () => ({ ...whole, headers: { etag: ETAG, "Content-Length": "5" } }),
    read,
  ),
  against(
    "an ETag that changes midway",
    ({ index }) => ({
      ...whole,
      cutAfter: 10,
      headers: { etag: `"${index}"` },
    }),
    (store) => store.read("x").then(({ length }) => `${length} bytes`),
  ),
  against("all for a part", () => whole, readPart),
  against(
    "another part for a part",
    () => part("bytes 0-999/100000", DATA.subarray(0, 1000)),
    readPart,
  ),
  against(
    "a part that is longer",
    () => part("bytes 1000-4999/100000", DATA.subarray(1000, 5000)),
    readPart,
  ),
  against(
    "a part that is shorter",
    () => part("bytes 1000-1099/100000", DATA.subarray(1000, 1100)),
    readPart,
  ),
  against(
    "parts of 100 bytes each",
    ({ headers }) => {
      const first = Number(/\d+/.exec(headers.get("range") ?? "")?.[0]);
      const told = `bytes ${first}-${first + 99}/100000`;
      return part(told, DATA.subarray(first, first + 100));
    },
    readPart,
  ),
  against(
    "a part of no length",
    () => ({
      ...part("bytes 1000-1999/100000", DATA.subarray(1000)),
      length: null,
    }),
    readPart,
  ),
  against("a redirect to itself", ({ path }) => ({
    status: 301,
    headers: { location: path },
  }), read),
  against("status 200 without a body", () => ({ length: 0 }), read),
];

const ENDLESS: readonly Case[] = (["plain", "chunked"] as const).flatMap(
  (endless) => {
    const reply = { ...whole, endless };
    const seen = ({ index }: Asked) =>
      index === 0 ? { headers: { etag: ETAG }, length: 1000 } : reply;
    const put: Work = async (store) => {
      await store.put("x", new Uint8Array(DATA));
      return "written";
    };
    return [
      against(`no end, ${endless}`, () => reply, readSome),
      against(
        `no end of an image, ${endless}`,
        ({ path }) =>
          path.includes("list-type")
            ? page(["a/x.png"])
            : { ...reply, headers: { etag: '"1"' } },
        imageOf,
      ),
      against(`no end of an archive, ${endless}`, seen, streamKnown),
      against(`no end of a part, ${endless}`, () => ({
        ...part("bytes 1000-1999/100000", DATA.subarray(1000)),
        endless,
      }), readPart),
      against(`no end of an error, ${endless}`, () => ({
        ...reply,
        status: 503,
      }), read),
      against(`no end of spaces in an error, ${endless}`, () => ({
        status: 403,
        endless,
        body: new TextEncoder().encode("  "),
      }), read),
      against(`no end of what a put answers, ${endless}`, () => reply, put),
      ...listing(`no end, ${endless}`, () => ({
        endless,
        body: new TextEncoder().encode(
          "<ListBucketResult><Contents><Key>a/b</Key></Contents>",
        ),
      })),
    ];
  },
);

/** Refuses by 503, 500, 429, 403, 404 and odder ones. */
const STATUSES: readonly Case[] = [503, 500, 429, 400, 403, 404, 418, 600, 99]
  .map((status) =>
    against(`status ${status} for ever`, () => ({
      status,
      headers: { "retry-after": "1" },
      body: HTML,
    }), read)
  );

function page(keys: readonly string[], rest = ""): Reply {
  const contents = keys.map((key) =>
    `<Contents><Key>${key}</Key><Size>3</Size><ETag>"1"</ETag></Contents>`
  );
  const text = `<ListBucketResult>${
    contents.join("")
  }${rest}</ListBucketResult>`;
  return { body: new TextEncoder().encode(text) };
}

const MORE = "<IsTruncated>true</IsTruncated><NextContinuationToken>t" +
  "</NextContinuationToken>";

function listing(name: string, answer: Answer): Case[] {
  const list = (anyOrder: boolean): Work => async (store) => {
    let count = 0;
    for await (const { key, size } of store.list("", { anyOrder })) {
      if (++count > MOST_KEYS) throw new Fault("it never ends");
      if (!Number.isSafeInteger(size) || size < 0) {
        throw new Fault(`${key} has the size ${size}`);
      }
    }
    return `${count} keys`;
  };
  const planned: Work = async (store) => {
    const input = { uri: store.uri, stores: only(store) };
    const plan = await planRun(input, new MemoryStore("out"), options());
    return `${plan.items.length} images`;
  };
  return [
    against(`list: ${name}`, answer, list(false)),
    against(`list in any order: ${name}`, answer, list(true)),
    against(`plan: ${name}`, answer, planned),
  ];
}

const long = "k".repeat(5000);
const LISTINGS: readonly Case[] = [
  ...listing("the same page for ever", () => page(["a/b"], MORE)),
  ...listing("pages without keys for ever", () => page([], MORE)),
  ...listing(
    "pages that go back",
    ({ index }) => page([`a/${String(1000 - index).padStart(4, "0")}`], MORE),
  ),
  ...listing("keys from elsewhere", () => page(["b/x.png", "../x.png"])),
  ...listing("keys with ..", () => page(["a/../../x.png", "a/..", "a/./x"])),
  ...listing(
    "control characters",
    () => page(["a/&#x1b;[31m.png", "a/&#10;b.png", "a/&#0;.png", "a//.png"]),
  ),
  ...listing("keys of 5,000 characters", () => page([`a/${long}.png`])),
  ...listing("sizes that lie", () => ({
    body: new TextEncoder().encode(
      "<ListBucketResult>" +
        ["-5", "1e9", "x", "", "9".repeat(30)].map((n, i) =>
          `<Contents><Key>a/${i}.png</Key><Size>${n}</Size></Contents>`
        ).join("") + "</ListBucketResult>",
    ),
  })),
  ...listing("HTML for XML", () => ({ body: HTML })),
  ...listing("nothing for XML", () => ({})),
  ...listing("XML that ends early", () => ({ ...page(["a/b"]), cutAfter: 40 })),
  ...listing("entities that multiply", () => ({
    body: new TextEncoder().encode(
      `<!DOCTYPE a [<!ENTITY a "${"x".repeat(1000)}">${
        "bcdefg".split("").map((name, i) =>
          `<!ENTITY ${name} "${`&${"abcdef"[i]};`.repeat(10)}">`
        ).join("")
      }]><ListBucketResult><Contents><Key>a/&g;</Key></Contents></ListBucketResult>`,
    ),
  })),
  ...listing("100,000 nested tags", () => ({
    body: new TextEncoder().encode(
      `<ListBucketResult>${"<a>".repeat(100_000)}`,
    ),
  })),
  ...listing("503 for ever", () => ({ status: 503, body: HTML })),
];

const text = new TextEncoder().encode("hello");
const WRITES: readonly Case[] = [
  against("put: 503 for ever", () => ({ status: 503 }), async (store) => {
    await store.put("x", text);
    throw new Fault("it was called written");
  }),
  against(
    "create: it is there, with other bytes",
    ({ headers }) =>
      headers.get("if-none-match") === "*"
        ? { status: 412 }
        : { headers: { etag: ETAG }, body: DATA },
    async (store) => {
      const isOwn = await store.create("x", text);
      if (isOwn) throw new Fault("other bytes were taken for its own");
      return "false";
    },
  ),
  against("create: 409 for ever", () => ({ status: 409 }), async (store) => {
    await store.create("x", text);
    throw new Fault("it was called created");
  }),
];

const faults = await printCases(
  [...READS, ...ENDLESS, ...STATUSES, ...LISTINGS, ...WRITES],
  {
    own: [StorageError, DataSetError, RunError],
    seconds: 40,
    // An image may have 512 MiB.
    megabytes: 2000,
  },
);
Deno.exit(faults > 0 ? 1 : 0);
