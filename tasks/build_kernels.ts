/**
 * Compiles the WebAssembly of `lib/image`, from its text to bytes.
 *
 * @module
 */
import openWabt from "wabt";

const TEXT = new URL("../lib/image/resample_kernels.wat", import.meta.url);
const MODULE = new URL("../lib/image/resample_kernels.ts", import.meta.url);

/** The module that {@linkcode compileKernels} makes of the text. */
export async function compileKernels(): Promise<string> {
  const { parseWat } = await openWabt();
  const text = await Deno.readTextFile(TEXT);
  const parsed = parseWat("resample_kernels.wat", text, { simd: true });
  parsed.validate();
  const { buffer } = parsed.toBinary({});
  const lines = buffer.toBase64().match(/.{1,72}/g) ?? [];
  return `/**
 * The bytes of resample_kernels.wat, as \`deno task build:kernels\` makes them.
 *
 * @module
 */

/** A WebAssembly module in base64. */
export const RESAMPLE_KERNELS: string = [
${lines.map((line) => `  "${line}",\n`).join("")}].join("");
`;
}

if (import.meta.main) await Deno.writeTextFile(MODULE, await compileKernels());
