/**
 * The goldens of this folder, for tests.
 *
 * @module
 */

/** One model with what the specification makes of the images in images/. */
export interface Golden {
  /** Folder below models/. */
  readonly name: string;
  /** Folder below backbones/ that it shares. */
  readonly backbone: "quick_gelu" | "gelu";
  /** H of its input; rgb/H.safetensors holds the images at that size. */
  readonly side: 28 | 42 | 48;
  /** CATEGORY.safetensors in its folder holds the expected tensors. */
  readonly categories: readonly string[];
}

function golden(
  name: string,
  rest: Partial<Omit<Golden, "name">> = {},
): Golden {
  return {
    name,
    backbone: "quick_gelu",
    side: 42,
    categories: ["metal_nut"],
    ...rest,
  };
}

/** Every golden model. */
export const GOLDENS: readonly Golden[] = [
  golden("feature", { categories: ["metal_nut", "wood"] }),
  golden("token_stages2"),
  golden("drop_stages2_n5", { categories: ["wood"] }),
  golden("token_drop_n1"),
  golden("no_i2tp"),
  golden("no_sp"),
  golden("no_mp"),
  golden("plain"),
  golden("scale", { side: 28 }),
  golden("gelu", {
    backbone: "gelu",
    side: 48,
    categories: ["a_long_name_of_many_words_that_the_context_cuts"],
  }),
];

/** The photographs, in the order of the expected tensors. */
export const GOLDEN_IMAGES: readonly string[] = [
  "coffee.jpg",
  "brick.png",
  "chelsea.png",
].map((name) => `${import.meta.dirname}/images/${name}`);

/** Path of the images at one size: tensor `rgb` [3, 3, H, H] in [0, 1]. */
export function goldenRgb({ side }: Golden): string {
  return `${import.meta.dirname}/rgb/${side}.safetensors`;
}

/** Path of the tensors that are expected for one category. */
export function goldenExpected({ name }: Golden, category: string): string {
  return `${import.meta.dirname}/models/${name}/${category}.safetensors`;
}

async function copyFolder(source: string, target: string): Promise<void> {
  await Deno.mkdir(target, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(source)) {
    const [from, to] = [`${source}/${name}`, `${target}/${name}`];
    await (isDirectory ? copyFolder(from, to) : Deno.copyFile(from, to));
  }
}

/** A folder that is removed at the end of its scope. */
export interface TemporaryFolder extends AsyncDisposable {
  /** Where it lies. */
  readonly path: string;
}

/** Puts a golden together as a model directory of its own. */
export async function goldenModel(
  { name, backbone }: Golden,
): Promise<TemporaryFolder> {
  const path = await Deno.makeTempDir();
  await copyFolder(`${import.meta.dirname}/backbones/${backbone}`, path);
  for (const file of ["mfp_clip.json", "mfp_clip.safetensors"]) {
    const source = `${import.meta.dirname}/models/${name}/${file}`;
    await Deno.copyFile(source, `${path}/${file}`);
  }
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
