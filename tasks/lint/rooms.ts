/**
 * A lint plugin that holds the table of allowed imports between the rooms of
 * lib/ and the packages that only one room may import.
 *
 * @module
 */

/** Room -> rooms of lib/ it may import; a room not listed here is an error. */
const EDGES: Record<string, readonly string[]> = {
  graph: [],
  checkpoint: [],
  onnx: ["graph", "checkpoint"],
  tfjs: ["graph", "checkpoint"],
  clip: ["graph", "checkpoint"],
  resnet: ["graph", "checkpoint"],
  mfp_clip: ["graph", "checkpoint", "clip", "resnet"],
  image: [],
  storage: [],
  data: ["image"],
  metrics: [],
  report: ["image", "data", "metrics"],
  detector: [
    "graph",
    "checkpoint",
    "onnx",
    "clip",
    "resnet",
    "mfp_clip",
    "image",
  ],
  export: ["graph", "checkpoint", "onnx", "mfp_clip", "detector"],
  evaluation: ["image", "data", "metrics", "report", "detector"],
  hub: ["checkpoint", "data", "clip", "resnet", "mfp_clip"],
  training: [
    "graph",
    "checkpoint",
    "onnx",
    "tfjs",
    "clip",
    "resnet",
    "mfp_clip",
    "image",
    "data",
    "metrics",
    "report",
    "detector",
    "evaluation",
  ],
  reproduction: [
    "checkpoint",
    "mfp_clip",
    "onnx",
    "data",
    "report",
    "detector",
    "evaluation",
    "training",
  ],
  batch: [
    "image",
    "storage",
    "data",
    "metrics",
    "report",
    "detector",
    "evaluation",
    "mfp_clip",
    "checkpoint",
  ],
  server: [
    "image",
    "storage",
    "data",
    "metrics",
    "report",
    "detector",
    "evaluation",
    "checkpoint",
    "batch",
  ],
};

/** Package -> the one room that may import it. */
const ONLY_IMPORTER: Record<string, string> = {
  "@aws-sdk/client-s3": "storage",
  "@aws-sdk/lib-storage": "storage",
  "@hono/prometheus": "server",
  "@hono/zod-openapi": "server",
  "@tensorflow/tfjs-backend-cpu": "tfjs",
  "@tensorflow/tfjs-backend-wasm": "tfjs",
  "@tensorflow/tfjs-backend-webgpu": "tfjs",
  "@tensorflow/tfjs-core": "tfjs",
  "@tensorflow/tfjs-layers": "tfjs",
  "@tensorflow/tfjs-node-gpu": "tfjs",
  "hono": "server",
  "onnxruntime-node": "onnx",
  "sharp": "image",
};

/** `.../lib/clip/tokenizer.ts` -> `clip`; `.../lib/detector.ts` -> `detector`. */
function roomOf(path: string): string | undefined {
  const below = path.replaceAll("\\", "/").split("/lib/").at(-1);
  if (below === undefined || !path.includes("/lib/")) return undefined;
  return below.split("/")[0]?.replace(/\.ts$/, "");
}

/** `hono/jsx` -> `hono`; `@aws-sdk/client-s3` -> itself. */
function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function complaint(file: string, specifier: string): string | undefined {
  const room = roomOf(file);
  if (room === undefined) return undefined;
  const owner = ONLY_IMPORTER[packageOf(specifier)];
  if (owner !== undefined && owner !== room) {
    return `Only lib/${owner} may import ${specifier}`;
  }
  if (!specifier.startsWith(".")) return undefined;
  const target = new URL(specifier, `file://${file}`).pathname;
  const other = roomOf(target);
  if (other === undefined) return "lib/ may import only lib/";
  if (other === room) return undefined;
  if (EDGES[room] === undefined) {
    return `lib/${room} is not in the table of rooms`;
  }
  return EDGES[room].includes(other)
    ? undefined
    : `lib/${room} may not import lib/${other}`;
}

const plugin: Deno.lint.Plugin = {
  name: "rooms",
  rules: {
    "allowed-imports": {
      create(context) {
        const check = (
          node: { source: Deno.lint.StringLiteral | null } & Deno.lint.Node,
        ) => {
          if (node.source === null) return;
          const message = complaint(context.filename, node.source.value);
          if (message !== undefined) context.report({ node, message });
        };
        return {
          ImportDeclaration: check,
          ExportNamedDeclaration: check,
          ExportAllDeclaration: check,
        };
      },
    },
  },
};

export default plugin;
