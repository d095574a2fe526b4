/**
 * A graphics adapter for tests: the software one that comes with Debian's
 * Chromium.
 *
 * @module
 */
import { isThere } from "../../lib/files/is_there.ts";
import { whyNoPrograms } from "./debian_packages.ts";

/** The loader of drivers, which Chromium's package does not ask for. */
const LOADER = "/usr/lib/x86_64-linux-gnu/libvulkan.so.1";

const DRIVER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** What chooses the adapter, for this process or for its children. */
export const WEBGPU_ENV: Readonly<Record<string, string>> = {
  VK_ICD_FILENAMES: DRIVER,
};

/**
 * Whether WebGPU can be used here. What is absent is installed, if that is
 * possible.
 *
 * @returns Why not; undefined where it can
 */
export async function whyNoWebgpu(): Promise<string | undefined> {
  const packages = ["chromium", "libvulkan1"];
  const reason = await whyNoPrograms(["chromium"], packages);
  if (reason !== undefined) return reason;
  for (const path of [LOADER, DRIVER]) {
    if (!await isThere(path)) return `there is no ${path}`;
  }
  return undefined;
}
