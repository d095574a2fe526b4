/**
 * ResNet-50 (version 1.5) in evaluation mode, as torchvision stores it.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { batchNorm } from "../graph/nn.ts";
import type { ResnetConfig } from "./config.ts";

const IMAGENET_MEAN = [0.485, 0.456, 0.406];
const IMAGENET_STD = [0.229, 0.224, 0.225];

interface ConvolutionOptions {
  /** Names of the convolution and of the batch norm after it. */
  readonly names: readonly [convolution: string, norm: string];
  /** Channels out. */
  readonly channels: number;
  /** Side of the kernel. */
  readonly kernel: number;
  readonly stride?: number;
}

/** A convolution that keeps the size, up to its stride, and its batch norm. */
function convolution(
  g: GraphBuilder,
  x: Value,
  { names: [name, norm], channels, kernel, stride = 1 }: ConvolutionOptions,
): Value {
  const shape = [channels, x.shape[1]!, kernel, kernel];
  const weight = g.parameter(`${name}.weight`, shape);
  const padding = (kernel - 1) / 2;
  const y = g.conv2d(x, weight, { stride, padding });
  const tensor = (field: string) => g.parameter(`${norm}.${field}`, [channels]);
  return batchNorm(g, y, {
    weight: tensor("weight"),
    bias: tensor("bias"),
    mean: tensor("running_mean"),
    variance: tensor("running_var"),
  });
}

/** 1x1, 3x3, 1x1 convolutions around a shortcut; [N, C, h, w] -> [N, 4 M, h / s, w / s]. */
function bottleneck(
  g: GraphBuilder,
  x: Value,
  { name, middle, stride }: { name: string; middle: number; stride: number },
): Value {
  const layer = (y: Value, i: number, options: {
    channels: number;
    kernel: number;
    stride?: number;
  }) =>
    convolution(g, y, {
      names: [`${name}.conv${i}`, `${name}.bn${i}`],
      ...options,
    });
  let y = g.leakyRelu(layer(x, 1, { channels: middle, kernel: 1 }));
  y = g.leakyRelu(layer(y, 2, { channels: middle, kernel: 3, stride }));
  y = layer(y, 3, { channels: 4 * middle, kernel: 1 });
  const shortcut = name.endsWith(".0")
    ? convolution(g, x, {
      names: [`${name}.downsample.0`, `${name}.downsample.1`],
      channels: 4 * middle,
      kernel: 1,
      stride,
    })
    : x;
  return g.leakyRelu(g.add(y, shortcut));
}

/**
 * Features F_cnn of an image (section 3.3): the average of the last stage.
 *
 * @param rgb Images in [0, 1], [B, 3, H, H].
 * @returns [B, C].
 */
export function resnetFeatures(
  g: GraphBuilder,
  rgb: Value,
  { width, blocks }: ResnetConfig,
): Value {
  return g.scope("resnet", () => {
    const mean = g.constant(IMAGENET_MEAN, [3, 1, 1]);
    const std = g.constant(IMAGENET_STD, [3, 1, 1]);
    let x = g.divide(g.subtract(rgb, mean), std);
    x = g.leakyRelu(convolution(g, x, {
      names: ["conv1", "bn1"],
      channels: width,
      kernel: 7,
      stride: 2,
    }));
    x = g.maxPool2d(x, { window: 3, stride: 2, padding: 1 });
    for (const [stage, count] of blocks.entries()) {
      for (let i = 0; i < count; i++) {
        const name = `layer${stage + 1}.${i}`;
        const stride = stage > 0 && i === 0 ? 2 : 1;
        x = bottleneck(g, x, { name, middle: width * 2 ** stage, stride });
      }
    }
    return g.reshape(g.reduceMean(x, [2, 3]), [x.shape[0]!, x.shape[1]!]);
  });
}
