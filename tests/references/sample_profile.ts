import { type Profile, PROFILE_FORMAT } from "../../lib/references/profile.ts";

/** A profile of one product, whose memory has this hash. */
export function sampleProfile(category: string, sha256: string): Profile {
  return {
    format: PROFILE_FORMAT,
    model: { name: "nano", fingerprint: "0".repeat(64) },
    smooth: 0,
    precision: "f32",
    bit_depth: 16,
    target: { false_alarms: 0.05 },
    categories: {
      [category]: {
        memory: { file: "good-1.safetensors", sha256 },
        good_sha256: "0".repeat(64),
        prompts: { normal: ["a"], abnormal: ["b"] },
        threshold: 1,
        pixel_threshold: 0.5,
        heat_range: [-1, 2],
        good_scores: [0, 1, 2, 3],
        false_alarms: { count: 3, of: 4, rate: 0.75, interval: [0.2, 1] },
        recall: null,
        images_needed: 19,
      },
    },
  };
}
