/**
 * Answers of a real server, as examples in the OpenAPI document.
 *
 * @module
 */

const CALIBRATION = {
  threshold: 1.84,
  pixel_threshold: 0.62,
  good_scores: [-0.41, -0.12, 0.35, 0.77],
  false_alarms: { count: 0, of: 4, rate: 0, interval: [0, 0.602] },
  images_needed: 19,
};

const SCORE = {
  status: "ok",
  category: "bottle",
  score: 0.83,
  score_logit: 1.59,
  is_anomalous: false,
  threshold: 1.84,
  confidence: 0.97,
  regions: null,
  width: 640,
  height: 480,
  side: 112,
  milliseconds: { decode: 4.2, queue: 3.1, session: 51.8 },
};

const BATCH = "20261129231133-1bdd728b5fb9";

/** Name of a schema -> what it may hold. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  Error: {
    error: "Cannot score the image as its category must be given",
    request_id: "53572509-cfab-4bec-bf2e-1c675e16a1b4",
  },
  Score: SCORE,
  ImageError: {
    status: "error",
    reason: "broken_image",
    error: "Cannot decode the image as its data is cut off",
  },
  Calibration: CALIBRATION,
  Profile: {
    id: "076ba2d4-50c7-498a-add1-1edfebac1b29",
    category: "bottle",
    images: 4,
    most_images: 200,
    is_ready: true,
    wanted_false_alarms: 0.05,
    calibration: CALIBRATION,
    expires: "2026-11-30T01:10:54.791Z",
  },
  ServedProfiles: { profiles: [{ category: "bottle", ...CALIBRATION }] },
  Places: {
    input: ["s3://bucket/images/"],
    output: ["s3://bucket/results/"],
  },
  Batch: {
    id: BATCH,
    state: "succeeded",
    input: "s3://bucket/images/",
    output: "s3://bucket/results/",
    created: "2026-11-29T23:11:33.453Z",
    updated: "2026-11-29T23:11:35.696Z",
    done: 40,
    total: 40,
    errors: 0,
    seconds_left: null,
    run: "ab364464d907f6e5aaffce5a3f2f77b9c4fc6b273de9f788e4d0ab6464ac38ff",
    error: null,
    figures: { i_auroc: 0.914, p_auroc: 0.873 },
    links: {
      self: `/v1/batches/${BATCH}`,
      events: `/v1/batches/${BATCH}/events`,
      report: `/v1/batches/${BATCH}/report`,
    },
  },
  ExecutionParameters: {
    MaxConcurrentTransforms: 3,
    BatchStrategy: "SINGLE_RECORD",
    MaxPayloadInMB: 30,
  },
  ServerMetadata: { name: "mfp-clip", version: "1", extensions: [] },
  ModelMetadata: {
    name: "nano",
    versions: ["1"],
    platform: "mfp-clip",
    inputs: [
      { name: "image", datatype: "BYTES", shape: [-1] },
      { name: "category", datatype: "BYTES", shape: [-1] },
    ],
    outputs: [
      { name: "score", datatype: "FP32", shape: [-1] },
      { name: "score_logit", datatype: "FP32", shape: [-1] },
      { name: "error", datatype: "BYTES", shape: [-1] },
    ],
  },
  ModelReady: { name: "nano", ready: true },
  InferResponse: {
    model_name: "nano",
    model_version: "1",
    outputs: [
      { name: "score", datatype: "FP32", shape: [1], data: [0.83] },
      { name: "score_logit", datatype: "FP32", shape: [1], data: [1.59] },
    ],
  },
  DetectAnomaliesResponse: {
    DetectAnomalyResult: {
      Source: { Type: "direct" },
      IsAnomalous: false,
      Confidence: 0.92,
      Anomalies: [{
        Name: "background",
        PixelAnomaly: { TotalPercentageArea: 1, Color: "#FFFFFF" },
      }],
      AnomalyMask: "iVBORw0KGgo...",
    },
  },
  EventResults: {
    results: [{ uri: "s3://bucket/images/bottle/1.png", ...SCORE }],
  },
};
