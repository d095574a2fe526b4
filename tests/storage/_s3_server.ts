/**
 * A light S3 server on loopback. It knows nothing of creating without
 * overwriting, and accepts any credentials.
 *
 * @module
 */
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { buildApp } from "fauxqs";
import type { StoreSettings } from "../../lib/storage/store_settings.ts";

/** A running server with one bucket. */
export interface S3Server extends AsyncDisposable {
  /** The bucket's name. */
  readonly bucket: string;
  /** How to reach it. */
  readonly settings: StoreSettings & { readonly endpoint: string };
}

/** A key pair that no server knows. */
export const CREDENTIALS = {
  accessKeyId: "key-of-a-test",
  secretAccessKey: "secret-of-a-test",
};

/** Starts a server with an empty bucket. */
export async function startS3Server(bucket = "images"): Promise<S3Server> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ host: "127.0.0.1", port: 0 });
  const settings = { endpoint, credentials: CREDENTIALS };
  const client = new S3Client({
    ...settings,
    region: "us-east-1",
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  const stop = async () => {
    app.server.closeAllConnections();
    await app.close();
  };
  return { bucket, settings, [Symbol.asyncDispose]: stop };
}
