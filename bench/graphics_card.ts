/**
 * What a measurement ran on.
 *
 * @module
 */
import type { Provider } from "../lib/onnx/session.ts";

async function nvidia(): Promise<string> {
  const { stdout } = await new Deno.Command("nvidia-smi", {
    args: ["--query-gpu=name", "--format=csv,noheader"],
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n")[0]!;
}

async function processor(): Promise<string> {
  const text = await Deno.readTextFile("/proc/cpuinfo");
  return /model name\s*: (.*)/.exec(text)?.[1] ?? "CPU";
}

/** The name of the card, or processor, that a provider runs on. */
export async function cardName(provider: Provider): Promise<string> {
  if (provider === "cpu") return await processor();
  if (provider === "cuda") return await nvidia();
  const adapter = await navigator.gpu?.requestAdapter();
  return adapter?.info.description || "unknown adapter";
}
