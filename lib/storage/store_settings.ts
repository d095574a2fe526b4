/**
 * How to reach buckets.
 *
 * @module
 */

/** A key pair for a bucket's owner or reader. */
export interface StoreCredentials {
  /** The public half. */
  readonly accessKeyId: string;
  /** The secret half; it is in no message. */
  readonly secretAccessKey: string;
  /** What a temporary pair comes with. */
  readonly sessionToken?: string;
}

/**
 * How to reach buckets. Folders need none of it.
 *
 * What is absent the AWS SDK looks up by its own chain: environment, shared
 * files, web identity, the machine's or container's role.
 */
export interface StoreSettings {
  /**
   * Such as `https://s3.example.com`, where it is not AWS. For Google Cloud
   * Storage it is `https://storage.googleapis.com`, with an HMAC key of a
   * service account as credentials.
   */
  readonly endpoint?: string | undefined;
  /**
   * The bucket's region.
   *
   * @default {"us-east-1"} where there is an endpoint
   */
  readonly region?: string | undefined;
  /**
   * Whether the bucket is the first part of the path, and not of the host.
   *
   * @default {true} where there is an endpoint
   */
  readonly pathStyle?: boolean | undefined;
  /** A key pair, where the chain is not to be asked. */
  readonly credentials?: StoreCredentials | undefined;
  /**
   * Requests in a row after whose failure to give up.
   *
   * @default {5}
   */
  readonly attempts?: number | undefined;
  /**
   * Seconds without an answer, or without a byte of it, after which a request
   * has failed. It must be able to send its own body in that time: what is put
   * goes in parts of at most 8 MiB, what is created goes whole.
   *
   * @default {60}
   */
  readonly stallSeconds?: number | undefined;
}
