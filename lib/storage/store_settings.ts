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
 * The AWS SDK looks up absent settings itself: in the environment, in shared
 * files, by web identity, or by the role of the machine or container.
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
  /** A key pair, in place of that lookup. */
  readonly credentials?: StoreCredentials | undefined;
  /**
   * Failed requests in a row after which to give up.
   *
   * @default {5}
   */
  readonly attempts?: number | undefined;
  /**
   * Seconds without a response, or without a byte of it, after which a request
   * fails. Sending the request's own body must take less: `put` sends parts of
   * at most 8 MiB, `create` sends the whole object.
   *
   * @default {60}
   */
  readonly stallSeconds?: number | undefined;
}
