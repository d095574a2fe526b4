/**
 * Listing the objects of a bucket: in the order of their keys, a page after the
 * other, or in several ranges of keys at a time.
 *
 * A page has at most 1,000 keys and takes 50 to 200 ms, so ten million keys in
 * order take a quarter of an hour or more. Ranges start between groups of keys
 * that differ in a character. Where these are is found by requests for one key:
 * the next one after all keys with a common start.
 *
 * @module
 */
import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { begin } from "../async/begin.ts";
import { compareKeys } from "./keys.ts";
import {
  type ObjectInfo,
  StorageError,
  type StorageFailure,
} from "./object_store.ts";
import { sending, withoutQuotes } from "./s3_read.ts";

/** Ranges that are listed at a time. */
const RANGES_AT_ONCE = 16;

/** As many ranges as balance well, though groups differ in size. */
const RANGES = 4 * RANGES_AT_ONCE;

/** Requests for a key each; they cost as much as the pages of 200,000 keys. */
const MOST_PROBES = 200;

/** Pages without a key, one after the other; S3 gives some for deleted keys. */
const MOST_EMPTY = 1000;

/** Comes after all text that starts like the text before it. */
const LAST_CHARACTER = "\u{10ffff}";

/** What is listed. */
export interface S3Listing {
  /** The client. */
  readonly client: S3Client;
  /** The bucket. */
  readonly bucket: string;
  /** The start of all keys of the store, which listed keys are without. */
  readonly root: string;
  /** How the keys to list start, below the root. */
  readonly prefix: string;
  /** Its address, for messages. */
  readonly location: string;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/** Keys after one and up to another, which counts in. */
interface KeyRange {
  readonly after: string;
  /** Undefined for the end of the bucket. */
  readonly last?: string | undefined;
}

/** A page that says there are more, and not where, would lose them. */
function assertGoesOn(
  { IsTruncated, NextContinuationToken }: ListObjectsV2CommandOutput,
  location: string,
): void {
  if (!IsTruncated || NextContinuationToken) return;
  const message = `Cannot list ${location} as the store must say how to go ` +
    "on: current value is a page that is not the last, without a token";
  throw new StorageError(message, "invalid");
}

/**
 * Follows the pages of a listing. A store that gives the same page for ever, or
 * pages without keys, would otherwise be listed for ever.
 */
class PageOrder {
  readonly #location: string;
  readonly #root: string;
  readonly #start: string;
  #last = "";
  #empty = 0;

  constructor({ root, prefix, location }: S3Listing) {
    this.#location = location;
    this.#root = root;
    this.#start = root + prefix;
  }

  /** Refuses a page that does not go on after those before it. */
  check(page: ListObjectsV2CommandOutput): void {
    const { Contents = [], IsTruncated, KeyCount, Name } = page;
    // Any page of XML or HTML is read without an error.
    const isListing = [page.Contents, IsTruncated, KeyCount, Name]
      .some((field) => field !== undefined);
    if (!isListing) this.#refuse("no listing", "unavailable");
    const odd = Contents.find(({ Size = 0 }) =>
      !Number.isSafeInteger(Size) || Size < 0
    );
    if (odd !== undefined) this.#refuse(`an object of ${odd.Size} bytes`);
    const first = Contents[0]?.Key;
    this.#empty = first === undefined ? this.#empty + 1 : 0;
    if (this.#empty > MOST_EMPTY) {
      this.#refuse(`${this.#empty} pages without a key`);
    }
    if (first === undefined) return;
    const isInside = ({ Key = "" }) =>
      Key.startsWith(this.#start) || Key === this.#root;
    if (!Contents.every(isInside)) this.#refuse("a key from elsewhere");
    if (this.#last !== "" && compareKeys(first, this.#last) <= 0) {
      this.#refuse("a page whose first key came before");
    }
    this.#last = Contents.at(-1)?.Key ?? first;
  }

  #refuse(value: string, failure: StorageFailure = "invalid"): never {
    const message = `Cannot list ${this.#location} as the store must give ` +
      `pages of keys, one after the other: current value is ${value}`;
    throw new StorageError(message, failure);
  }
}

/** Asks for a page. */
async function ask(
  { client, bucket, root, prefix, location, signal }: S3Listing,
  after: string,
  { token, most }: { readonly token?: string; readonly most?: number } = {},
): Promise<ListObjectsV2CommandOutput> {
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: root + prefix,
    ...after !== "" && { StartAfter: root + after },
    ...token !== undefined && { ContinuationToken: token },
    ...most !== undefined && { MaxKeys: most },
  });
  signal?.throwIfAborted();
  const page = await client.send(
    command,
    sending(signal === undefined ? {} : { signal }),
  );
  signal?.throwIfAborted();
  if (most === undefined) assertGoesOn(page, location);
  return page;
}

/** The objects of a page, without the marks of folders by consoles. */
function infosOf(
  { Contents = [] }: ListObjectsV2CommandOutput,
  { root }: S3Listing,
): ObjectInfo[] {
  return Contents.flatMap(({ Key = "", Size = 0, ETag }) => {
    const key = Key.slice(root.length);
    const isMark = key === "" || key.endsWith("/") && Size === 0;
    return isMark ? [] : [{ key, size: Size, etag: withoutQuotes(ETag) }];
  });
}

/**
 * Lists objects in the order of their keys.
 *
 * @param listing What to list.
 * @param range Which keys.
 * @yields The objects of each page.
 */
export async function* listPages(
  listing: S3Listing,
  { after, last }: KeyRange,
): AsyncGenerator<ObjectInfo[]> {
  const order = new PageOrder(listing);
  let token: string | undefined;
  do {
    const page = await ask(
      listing,
      after,
      token === undefined ? {} : { token },
    );
    order.check(page);
    // Some stores ignore where to start.
    const infos = infosOf(page, listing)
      .filter(({ key }) => after === "" || compareKeys(key, after) > 0);
    const inside = last === undefined
      ? infos
      : infos.filter(({ key }) => compareKeys(key, last) <= 0);
    yield inside;
    if (inside.length < infos.length) return;
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** Finds where groups of keys start. */
class Prober {
  readonly #listing: S3Listing;
  #probes = 0;

  constructor(listing: S3Listing) {
    this.#listing = listing;
  }

  get isLeft(): boolean {
    return this.#probes < MOST_PROBES;
  }

  /** The first key after one; null for none, or where a store ignores it. */
  async next(after: string): Promise<string | null> {
    this.#probes++;
    const page = await ask(this.#listing, after, { most: 1 });
    const key = page.Contents?.[0]?.Key?.slice(this.#listing.root.length);
    return key === undefined || compareKeys(key, after) <= 0 ? null : key;
  }

  /** The starts of keys that begin with a text, a character longer than it. */
  async branches(stem: string): Promise<string[]> {
    const found: string[] = [];
    let key = await this.next(stem);
    while (key?.startsWith(stem)) {
      const [character = ""] = key.slice(stem.length);
      const branch = stem + character;
      found.push(branch);
      if (!this.isLeft) break;
      key = await this.next(branch + LAST_CHARACTER);
    }
    return found;
  }
}

/** Texts between which about as many keys lie as between others. */
async function splitPoints(listing: S3Listing): Promise<string[]> {
  const prober = new Prober(listing);
  let stems = [listing.prefix];
  while (stems.length > 0 && stems.length < RANGES && prober.isLeft) {
    const branches = await Promise.all(
      stems.map((stem) => prober.branches(stem)),
    );
    const longer = branches.map((some, i) =>
      some.length === 0 ? [stems[i]!] : some
    );
    const isSame = branches.every((some) => some.length === 0);
    stems = longer.flat();
    if (isSame) break;
  }
  return stems.sort(compareKeys);
}

/** Yields what several generators yield, as it comes. */
async function* asTheyCome<T>(
  sources: readonly AsyncGenerator<T>[],
  width: number,
): AsyncGenerator<T> {
  const left = [...sources];
  type Step = { source: AsyncGenerator<T>; result: IteratorResult<T> };
  const pending = new Map<AsyncGenerator<T>, Promise<Step>>();
  const start = (source: AsyncGenerator<T>) => {
    const step = source.next().then((result) => ({ source, result }));
    pending.set(source, begin(step));
  };
  for (const source of left.splice(0, width)) start(source);
  while (pending.size > 0) {
    const { source, result } = await Promise.race(pending.values());
    pending.delete(source);
    if (!result.done) {
      start(source);
      yield result.value;
    } else {
      const next = left.shift();
      if (next !== undefined) start(next);
    }
  }
}

/**
 * Lists objects in any order, where they are many in several ranges at a time.
 *
 * @param listing What to list.
 * @param after The key to start after, empty for none.
 * @yields The objects of each page.
 */
export async function* listAnyOrder(
  listing: S3Listing,
  after: string,
): AsyncGenerator<ObjectInfo[]> {
  const page = await ask(listing, after);
  new PageOrder(listing).check(page);
  yield infosOf(page, listing);
  if (!page.IsTruncated) return;
  const last = page.Contents?.at(-1)?.Key?.slice(listing.root.length);
  // A page of deleted keys has none, and others may follow.
  if (last === undefined) return yield* listPages(listing, { after });
  const points = (await splitPoints(listing))
    .filter((point) => compareKeys(point, last) > 0);
  const ranges = [last, ...points].map((after, i) =>
    listPages(listing, { after, last: points[i] })
  );
  yield* asTheyCome(ranges, RANGES_AT_ONCE);
}
