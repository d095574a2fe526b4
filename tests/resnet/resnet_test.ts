import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { resnetConfig, resnetShapes } from "../../lib/resnet/config.ts";
import { resnetFeatures } from "../../lib/resnet/resnet.ts";
import { assertNumbers } from "../contract/numbers.ts";
import {
  expectedOf,
  goldenNamed,
  openGolden,
  rgbOf,
} from "../methods/mfp_clip/goldens.ts";
import { runModule } from "../methods/mfp_clip/modules.ts";

Deno.test("resnetFeatures() equals PyTorch's, at each size and depth", async () => {
  // Two backbones of other depths, and three sizes of image.
  for (const name of ["feature", "scale", "gelu"]) {
    const golden = goldenNamed(name);
    const rgb = { numbers: await rgbOf(golden) };
    const { cnn } = await expectedOf(golden, golden.categories[0]!);
    const y = await runModule(
      name,
      { rgb },
      (g, of, { resnet }) => resnetFeatures(g, of("rgb"), resnet),
    );
    assertNumbers(y, cnn!, { tolerance: 1e-5, label: name });
  }
});

Deno.test("resnetFeatures() reads exactly the tensors of resnetShapes()", () => {
  const config = { width: 2, blocks: [1, 3, 2, 1] } as const;
  const g = new GraphBuilder();
  const rgb = g.input("rgb", [-1, 3, 32, 32], "float");
  const y = resnetFeatures(g, rgb, config);
  assert.deepEqual(y.shape, [-1, 64]);
  const read = g.build({ y }).nodes.flatMap(({ primitive, output }) =>
    primitive === "parameter" ? [[output.name, output.shape] as const] : []
  );
  const byName = (shapes: Iterable<readonly [string, readonly number[]]>) =>
    [...shapes].toSorted(([a], [b]) => a < b ? -1 : 1);
  assert.deepEqual(byName(read), byName(resnetShapes(config)));
});

Deno.test("resnetConfig() reads width and depth off a checkpoint", async () => {
  const depths = [["feature", 4, [1, 2, 1, 1]], ["gelu", 2, [2, 1, 1, 2]]];
  for (const [name, width, blocks] of depths) {
    await using golden = await openGolden(goldenNamed(String(name)));
    const { weights: tensors } = golden;
    assert.deepEqual(resnetConfig({ path: "r", tensors }), { width, blocks });
  }
});

Deno.test("resnetConfig() refuses a ResNet of basic blocks", async () => {
  await using golden = await openGolden(goldenNamed("feature"));
  const tensors = new Map(golden.weights);
  tensors.delete("layer3.0.conv3.weight");
  assert.throws(() => resnetConfig({ path: "resnet18.safetensors", tensors }), {
    name: "ModelError",
    message:
      "Cannot load resnet18.safetensors as it must hold a ResNet-50 in " +
      "torchvision's layout, with conv1.weight and layer1.0.conv3.weight to " +
      "layer4.0.conv3.weight",
  });
});
