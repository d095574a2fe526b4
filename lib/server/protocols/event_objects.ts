/**
 * The objects that events tell of.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";

/** What an event tells of. */
export interface EventObject {
  /** The object's address. */
  readonly uri: string;
  /** Whether it was written; other events are passed over. */
  readonly isCreated: boolean;
}

const GOOGLE_CREATED = "google.cloud.storage.object.v1.finalized";

const GoogleObject = z.object({ bucket: z.string(), name: z.string() });

const Notification = z.object({
  Records: z.array(z.object({
    eventName: z.string(),
    s3: z.object({
      bucket: z.object({ name: z.string() }),
      object: z.object({ key: z.string() }),
    }),
  })),
});

const EventBridge = z.object({
  "detail-type": z.string(),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string() }),
  }),
});

const TestEvent = z.object({ Event: z.literal("s3:TestEvent") });

const CloudEvent = z.object({
  specversion: z.string(),
  type: z.string(),
  data: z.unknown(),
});

/** S3 writes keys as forms do. */
function decodeKey(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function fromNotification(
  body: z.infer<typeof Notification>,
): EventObject[] | undefined {
  const objects = body.Records.map(({ eventName, s3 }) => {
    const key = decodeKey(s3.object.key);
    const isCreated = eventName.replace(/^s3:/, "").startsWith("ObjectCreated");
    return key && { uri: `s3://${s3.bucket.name}/${key}`, isCreated };
  });
  return objects.every((object) => typeof object === "object")
    ? objects
    : undefined;
}

/**
 * Reads a body that is no CloudEvent: S3 notifications, also by EventBridge.
 *
 * @param body The parsed JSON.
 * @returns The objects; undefined where it is something else.
 */
export function objectsOfS3(body: unknown): EventObject[] | undefined {
  const notification = Notification.safeParse(body);
  if (notification.success) return fromNotification(notification.data);
  const bridge = EventBridge.safeParse(body);
  if (bridge.success) {
    const { detail, "detail-type": type } = bridge.data;
    const uri = `s3://${detail.bucket.name}/${detail.object.key}`;
    return [{ uri, isCreated: type === "Object Created" }];
  }
  return TestEvent.safeParse(body).success ? [] : undefined;
}

/**
 * Reads the data of a CloudEvent.
 *
 * @param type Its type.
 * @param data What it tells.
 * @returns The objects; undefined where they cannot be read.
 */
export function objectsOfData(
  type: string,
  data: unknown,
): EventObject[] | undefined {
  const google = GoogleObject.safeParse(data);
  if (!google.success) return objectsOfS3(data);
  const { bucket, name } = google.data;
  return [{
    uri: `gs://${bucket}/${name}`,
    isCreated: type === GOOGLE_CREATED,
  }];
}

/**
 * Reads CloudEvents in structured mode.
 *
 * @param body The parsed JSON: one event, or a list.
 * @returns The objects; undefined where they cannot be read.
 */
export function objectsOfEvents(body: unknown): EventObject[] | undefined {
  const events = z.array(CloudEvent)
    .safeParse(Array.isArray(body) ? body : [body]);
  if (!events.success) return undefined;
  const objects = events.data.map(({ type, data }) =>
    objectsOfData(type, data)
  );
  return objects.every((list) => list !== undefined)
    ? objects.flat()
    : undefined;
}
