import type { GraphBuilder } from "../../lib/graph/builder.ts";
import { assertRefused, input } from "./refusals.ts";

Deno.test("windows refuse what they cannot slide over", () => {
  const attributes = { window: 4, stride: 1, padding: 0 };
  assertRefused([
    {
      at: "conv2d",
      build: (g, of) => g.conv2d(of(g, [1, 3, 8, 8]), of(g, [8]), attributes),
      message: "Cannot slide a window over x1 as it must be [N, C, H, W]: " +
        "current shape is [8]",
    },
    {
      at: "conv2d",
      build: (g) => {
        const kernel = g.parameter("kernel", [2, 4, 1, 1]);
        return g.conv2d(input(g, [1, 3, 8, 8]), kernel, attributes);
      },
      message: "Cannot convolve x4 [1, 3, 8, 8] with kernel [2, 4, 1, 1] as " +
        "their channels must be equal",
    },
    {
      at: "conv2d",
      build: (g) => {
        const kernel = g.parameter("kernel", [2, 3, 1, 1]);
        return g.conv2d(input(g, [1, 3, 8, 8], "wide"), kernel, attributes);
      },
      message: "Cannot combine x4 with kernel as their types must be equal: " +
        "current types are wide and float",
    },
    {
      at: "conv2d",
      build: (g) => {
        const kernel = g.parameter("kernel", [2, 3, 1, 9]);
        return g.conv2d(input(g, [-1, 3, 8, 8]), kernel, attributes);
      },
      message: "Cannot slide a window of 9 over x4 [B, 3, 8, 8] as it must " +
        "fit along axis 3",
    },
    {
      at: "maxPool2d",
      build: (g) => g.maxPool2d(input(g, [-1, 2, 3, 9]), attributes),
      message: "Cannot slide a window of 4 over x4 [B, 2, 3, 9] as it must " +
        "fit along axis 2",
    },
    {
      at: "maxPool2d",
      build: (g) =>
        g.maxPool2d(input(g, [1, 2, 9, -1]), { ...attributes, padding: 3 }),
      message: "Cannot slide a window of 4 over x4 [1, 2, 9, B] as it must " +
        "fit along axis 3",
    },
  ]);
});

Deno.test("cotangents of windows must have the shape that was computed", () => {
  const attributes = { window: 2, stride: 2, padding: 0 };
  const wrong = (g: GraphBuilder) => g.input("dy", [1, 2, 4, 3], "float");
  const refused = "Cannot pull dy back as it must be [1, 2, 4, 4]: current " +
    "shape is [1, 2, 4, 3]";
  assertRefused([
    {
      at: "maxPool2dGradient",
      build: (g, of) =>
        g.maxPool2dGradient(of(g, [1, 2, 8, 8]), wrong(g), attributes),
      message: refused,
    },
    {
      at: "conv2dInputGradient",
      build: (g, of) =>
        g.conv2dInputGradient(wrong(g), of(g, [2, 3, 2, 2]), {
          ...attributes,
          shape: [1, 3, 8, 8],
        }),
      message: refused,
    },
    {
      at: "conv2dKernelGradient",
      build: (g, of) =>
        g.conv2dKernelGradient(of(g, [1, 3, 8, 8]), wrong(g), {
          ...attributes,
          shape: [2, 3, 2, 2],
        }),
      message: refused,
    },
  ]);
});
