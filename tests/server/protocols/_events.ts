/**
 * What tests of events share: buckets that are folders, and notifications.
 *
 * @module
 */
import { allStores, type Stores } from "../../../lib/batch/stores.ts";
import { png, readyServer } from "../_server.ts";

/** Buckets as folders: `s3://bucket/key` is `<root>/bucket/key`. */
export function bucketsIn(root: string): Stores {
  const local = (uri: string) => uri.replace(/^s3:\/\//, `file://${root}/`);
  const stores = allStores();
  return {
    folder: (uri) => stores.folder(local(uri)),
    object: (uri) => stores.object(local(uri)),
  };
}

/** A server that may read one folder of a bucket, with an image in it. */
export async function eventServer(
  root: string,
): Promise<ReturnType<typeof readyServer>> {
  await Deno.mkdir(`${root}/bucket/images/cup`, { recursive: true });
  await Deno.writeFile(`${root}/bucket/images/cup/a b.png`, await png(255));
  const stores = bucketsIn(root);
  const events = allStores().folder(`${root}/results`);
  const allowInput = ["s3://bucket/images/"];
  return readyServer({ stores, allowInput, events });
}

/** What S3 tells of new objects, as far as anybody looks. */
export interface S3Notification {
  readonly Records: {
    eventName: string;
    s3: { bucket: { name: string }; object: { key: string } };
  }[];
}

/** What S3 tells of new objects. */
export function notificationOf(
  name: string,
  ...keys: string[]
): S3Notification {
  return {
    Records: keys.map((key) => ({
      eventVersion: "2.1",
      eventSource: "aws:s3",
      eventName: "ObjectCreated:Put",
      s3: { bucket: { name }, object: { key, size: 1 } },
    })),
  };
}

/** The same of the bucket that the server may read. */
export function notification(...keys: string[]): S3Notification {
  return notificationOf("bucket", ...keys);
}
