/**
 * What a measurement runs on.
 *
 * @module
 */
import type { Provider } from "../../lib/onnx/session.ts";

async function nvidia(): Promise<string> {
  try {
    const { stdout } = await new Deno.Command("nvidia-smi", {
      args: ["--query-gpu=name", "--format=csv,noheader"],
    }).output();
    const [name = ""] = new TextDecoder().decode(stdout).trim().split("\n");
    return name || "unknown card";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "unknown card";
    throw error;
  }
}

async function processor(): Promise<string> {
  const text = await Deno.readTextFile("/proc/cpuinfo");
  return /model name\s*: (.*)/.exec(text)?.[1] ?? "CPU";
}

async function adapter(): Promise<string> {
  const found = await navigator.gpu?.requestAdapter();
  return found?.info.description || "unknown adapter";
}

/** The name of the card, or processor, that a provider runs on. */
export async function cardName(provider: Provider): Promise<string> {
  if (provider === "cpu") return await processor();
  return await (provider === "cuda" ? nvidia() : adapter());
}

/** The same as a file's name. */
export function fileName(card: string): string {
  return card.match(/[A-Za-z0-9]+/g)?.join("-").toLowerCase() ?? "card";
}

/** Whether a provider has kernels of float16. */
export async function hasHalf(provider: Provider): Promise<boolean> {
  if (provider !== "webgpu") return true;
  const adapter = await navigator.gpu?.requestAdapter();
  return adapter?.features.has("shader-f16") ?? false;
}
