/**
 * The sizes of a ResNet, read from the tensors of its checkpoint.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import type { Weights } from "../checkpoint/weights.ts";

/** Sizes of a bottleneck ResNet; ResNet-50 has width 64 and blocks 3, 4, 6, 3. */
export interface ResnetConfig {
  /** Channels of the stem and of the first stage's middle layers. */
  readonly width: number;
  /** Bottlenecks in each of the four stages. */
  readonly blocks: readonly [number, number, number, number];
}

/** Tensors that real checkpoints hold but the features do not need. */
export const RESNET_OPTIONAL: readonly RegExp[] = [
  /^fc\./,
  /\.num_batches_tracked$/,
];

/** Width C of the pooled features: 2048 for ResNet-50. */
export function featureWidth({ width }: ResnetConfig): number {
  return 32 * width;
}

/**
 * Reads the sizes from the names and shapes of a checkpoint.
 *
 * @throws {ModelError} If it is not a ResNet of bottlenecks.
 */
export function resnetConfig({ path, tensors }: Weights): ResnetConfig {
  const width = tensors.get("conv1.weight")?.shape[0];
  const count = (stage: number) => {
    let blocks = 0;
    while (tensors.has(`layer${stage}.${blocks}.conv3.weight`)) blocks++;
    return blocks;
  };
  const blocks = [count(1), count(2), count(3), count(4)] as const;
  if (width === undefined || blocks.includes(0)) {
    throw new ModelError(
      `Cannot load ${path} as it must hold a ResNet-50 in torchvision's ` +
        `layout, with conv1.weight and layer1.0.conv3.weight to ` +
        `layer4.0.conv3.weight`,
    );
  }
  return { width, blocks };
}

/** Name -> shape of every tensor that the features need. */
export function resnetShapes(
  { width, blocks }: ResnetConfig,
): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const add = (names: readonly [string, string], kernel: readonly number[]) => {
    shapes.set(`${names[0]}.weight`, kernel);
    for (const field of ["weight", "bias", "running_mean", "running_var"]) {
      shapes.set(`${names[1]}.${field}`, [kernel[0]!]);
    }
  };
  add(["conv1", "bn1"], [width, 3, 7, 7]);
  let inner = width;
  for (const [stage, count] of blocks.entries()) {
    const middle = width * 2 ** stage;
    for (let i = 0; i < count; i++) {
      const name = `layer${stage + 1}.${i}`;
      const names = (n: number) =>
        [`${name}.conv${n}`, `${name}.bn${n}`] as const;
      add(names(1), [middle, inner, 1, 1]);
      add(names(2), [middle, middle, 3, 3]);
      add(names(3), [4 * middle, middle, 1, 1]);
      if (i === 0) {
        const shortcut = [4 * middle, inner, 1, 1];
        add([`${name}.downsample.0`, `${name}.downsample.1`], shortcut);
      }
      inner = 4 * middle;
    }
  }
  return shapes;
}
