import { WINCLIP_GOLDENS } from "../../golden/prompted_clips/golden.ts";
import { assertAsSpecified } from "../assert_prompted.ts";

for (const golden of WINCLIP_GOLDENS) {
  for (const category of golden.categories) {
    Deno.test(`winClip() equals the specification: ${golden.name}, ${category}`, async () => {
      await assertAsSpecified(golden, category, { divisor: 1 });
    });
  }
}

Deno.test("winClip() equals the specification without fused operators", async () => {
  const [golden] = WINCLIP_GOLDENS;
  const running = { fuse: false };
  await assertAsSpecified(golden!, "metal_nut", { divisor: 1, running });
});

Deno.test("winClip() is close to the specification in float16", async () => {
  for (const golden of WINCLIP_GOLDENS) {
    const options = { divisor: 1, tolerance: 0.02 };
    const running = { precision: "f16" } as const;
    await assertAsSpecified(golden, golden.categories[0]!, {
      ...options,
      running,
    });
  }
});
