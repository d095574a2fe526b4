import {
  APRIL_GAN_GOLDENS,
  type PromptedGolden,
} from "../../golden/prompted_clips/golden.ts";
import { assertAsSpecified } from "../assert_prompted.ts";
import { divisorOf } from "./divisor.ts";

for (const golden of APRIL_GAN_GOLDENS) {
  for (const category of golden.categories) {
    Deno.test(`aprilGan() equals the specification: ${golden.name}, ${category}`, async () => {
      const divisor = divisorOf(golden);
      await assertAsSpecified(golden, category, { divisor });
    });
  }
}

const [PUBLISHED] = APRIL_GAN_GOLDENS as [PromptedGolden];

Deno.test("aprilGan() equals the specification without fused operators", async () => {
  const options = { divisor: divisorOf(PUBLISHED), running: { fuse: false } };
  await assertAsSpecified(PUBLISHED, "metal_nut", options);
});

Deno.test("aprilGan() is close to the specification in float16", async () => {
  for (const golden of APRIL_GAN_GOLDENS) {
    await assertAsSpecified(golden, golden.categories[0]!, {
      divisor: divisorOf(golden),
      running: { precision: "f16" },
      tolerance: 0.05,
    });
  }
});
