/**
 * Quantises a model in a process of its own, and prints where it did.
 *
 * @module
 */
import { quantisedTensors } from "../../../lib/detector/int8/quantised_tensors.ts";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";

const [path, cacheFolder] = Deno.args;
const model = await openModelDirectory(path!);
let made = false;
const tensors = await quantisedTensors(model, {
  cacheFolder,
  threads: 1,
  onMake: () => made = true,
});
const [first] = tensors.values();
console.log(JSON.stringify({ made, file: first!.file, count: tensors.size }));
Deno.exit();
