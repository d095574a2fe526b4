/**
 * The specification in PyTorch, where it is installed.
 *
 * @module
 */
import { type Reference, startReference } from "../measure.ts";
import type { Provider } from "../../lib/onnx/session.ts";

/** What the specification is started with. */
export interface ReferenceOptions {
  /** The program of Python. */
  readonly python: string;
  /** The model directory. */
  readonly model: string;
  readonly device: "cpu" | "cuda";
  readonly type: "float32" | "float16";
}

/** Prints why PyTorch cannot be used, or nothing. */
const ASK = `
import importlib.util as modules, sys
for name in ("torch", "safetensors"):
    if modules.find_spec(name) is None:
        sys.exit(print(name, "is not installed"))
import torch
if sys.argv[1] != "cpu" and not torch.cuda.is_available():
    print("PyTorch sees no card")
`;

/** Tells why PyTorch is not timed; undefined where it can be. */
export async function whyNoPyTorch(
  python: string,
  provider: Provider,
): Promise<string | undefined> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(python, {
      args: ["-c", ASK, provider],
    }).output();
    const said = new TextDecoder().decode(code === 0 ? stdout : stderr).trim();
    return said === "" ? undefined : said.split("\n").at(-1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `there is no ${python}`;
    throw error;
  }
}

/** Starts bench/reference.py. */
export function openReference(
  { python, model, device, type }: ReferenceOptions,
): Reference {
  const path = (name: string) =>
    new URL(`../../${name}`, import.meta.url).pathname;
  const threads = String(navigator.hardwareConcurrency);
  return startReference(python, [
    path("bench/reference.py"),
    path("tests/golden/reference"),
    model,
    threads,
    type,
    device,
  ]);
}
