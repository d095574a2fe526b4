/**
 * A lint plugin that holds the table of allowed imports between the rooms of
 * lib/ and the packages that only one room may import.
 *
 * @module
 */

/**
 * Room -> rooms of lib/ it may import, in the order in which they build on one
 * another: a room imports only rooms of earlier rows. A room that is not listed
 * here is an error.
 */
export const EDGES: Record<string, readonly string[]> = {
  async: [],
  files: ["async"],
  random: [],
  nearest: [],
  native_memory: [],
  version: [],
  graph: [],
  checkpoint: ["async", "files"],
  image: ["async", "files"],
  storage: ["async", "files"],
  metrics: ["random"],
  framing: ["async", "native_memory", "image", "metrics"],
  data: ["async", "files", "random", "image"],
  results: [
    "async",
    "files",
    "random",
    "version",
    "image",
    "metrics",
    "data",
    "framing",
  ],
  synthetic: ["random", "image", "data"],
  onnx: ["async", "files", "native_memory", "graph", "checkpoint"],
  tfjs: ["graph", "checkpoint"],
  clip: ["files", "graph", "checkpoint"],
  resnet: ["graph", "checkpoint"],
  methods: [
    "async",
    "files",
    "random",
    "graph",
    "checkpoint",
    "clip",
    "resnet",
  ],
  references: [
    "async",
    "files",
    "random",
    "graph",
    "checkpoint",
    "image",
    "metrics",
    "framing",
    "data",
    "results",
    "methods",
  ],
  report: ["async", "files", "version", "image", "metrics", "data", "results"],
  hub: [
    "async",
    "files",
    "nearest",
    "checkpoint",
    "data",
    "clip",
    "resnet",
    "methods",
  ],
  detector: [
    "async",
    "files",
    "version",
    "graph",
    "checkpoint",
    "image",
    "data",
    "framing",
    "synthetic",
    "onnx",
    "clip",
    "resnet",
    "methods",
    "references",
    "hub",
  ],
  evaluation: [
    "async",
    "files",
    "version",
    "random",
    "checkpoint",
    "image",
    "metrics",
    "data",
    "results",
    "framing",
    "methods",
    "references",
    "report",
    "detector",
  ],
  training: [
    "async",
    "files",
    "random",
    "graph",
    "checkpoint",
    "image",
    "metrics",
    "data",
    "results",
    "onnx",
    "tfjs",
    "clip",
    "resnet",
    "methods",
    "hub",
    "report",
    "detector",
    "evaluation",
  ],
  pretraining: [
    "async",
    "files",
    "random",
    "graph",
    "checkpoint",
    "image",
    "data",
    "results",
    "synthetic",
    "onnx",
    "clip",
    "resnet",
    "methods",
    "training",
  ],
  reproduction: [
    "async",
    "files",
    "checkpoint",
    "data",
    "results",
    "onnx",
    "methods",
    "report",
    "detector",
    "evaluation",
    "training",
  ],
  batch: [
    "async",
    "files",
    "version",
    "checkpoint",
    "image",
    "storage",
    "metrics",
    "data",
    "results",
    "framing",
    "methods",
    "references",
    "report",
    "detector",
    "evaluation",
  ],
  watch: [
    "async",
    "files",
    "checkpoint",
    "image",
    "storage",
    "data",
    "results",
    "framing",
    "methods",
    "detector",
    "evaluation",
    "batch",
  ],
  server: [
    "async",
    "files",
    "checkpoint",
    "image",
    "storage",
    "metrics",
    "data",
    "results",
    "framing",
    "methods",
    "references",
    "report",
    "detector",
    "evaluation",
    "batch",
  ],
};

/** Package -> the one room that may import it. */
const ONLY_IMPORTER: Record<string, string> = {
  "@aws-sdk/client-s3": "storage",
  "@aws-sdk/credential-provider-node": "storage",
  "@aws-sdk/lib-storage": "storage",
  "@hono/node-server": "server",
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

/** `.../lib/clip/tokenizer.ts` -> `clip`; `.../lib/random.ts` -> `random`. */
function roomOf(path: string): string | undefined {
  return pathInLib(path)?.[0]?.replace(/\.ts$/, "");
}

/** `.../lib/methods/mfp_clip/config.ts` -> `mfp_clip`, the method's own room. */
function methodOf(path: string): string | undefined {
  const parts = pathInLib(path);
  return parts?.[0] === "methods" && parts.length > 2 ? parts[1] : undefined;
}

function pathInLib(path: string): string[] | undefined {
  const normal = path.replaceAll("\\", "/");
  if (!normal.includes("/lib/")) return undefined;
  return normal.split("/lib/").at(-1)?.split("/");
}

/** `hono/jsx` -> `hono`; `@aws-sdk/client-s3` -> itself. */
function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

/** Why `file` may not import `specifier`; undefined where it may. */
function refusal(file: string, specifier: string): string | undefined {
  const room = roomOf(file);
  if (room === undefined) return undefined;
  const owner = ONLY_IMPORTER[packageOf(specifier)];
  if (owner !== undefined && owner !== room) {
    return `Only lib/${owner} may import ${specifier}`;
  }
  if (!specifier.startsWith(".")) return undefined;
  return refusalOfPath(file, new URL(specifier, `file://${file}`).pathname);
}

function refusalOfPath(file: string, target: string): string | undefined {
  const room = roomOf(file)!;
  const other = roomOf(target);
  if (other === undefined) return "lib/ may import only lib/";
  if (other === room) return refusalOfMethod(file, target);
  const allowed = EDGES[room];
  if (allowed === undefined) {
    return `lib/${room} is not in the table of rooms`;
  }
  return allowed.includes(other)
    ? undefined
    : `lib/${room} may not import lib/${other}`;
}

/** A method stands alone: what two of them need lies in lib/methods itself. */
function refusalOfMethod(file: string, target: string): string | undefined {
  const [method, other] = [methodOf(file), methodOf(target)];
  return method === undefined || other === undefined || method === other
    ? undefined
    : `lib/methods/${method} may not import lib/methods/${other}`;
}

const plugin: Deno.lint.Plugin = {
  name: "rooms",
  rules: {
    "allowed-imports": {
      create(context) {
        const check = (
          node: { source: Deno.lint.Expression | null } & Deno.lint.Node,
        ) => {
          const specifier = node.source;
          if (specifier?.type !== "Literal") return;
          if (typeof specifier.value !== "string") return;
          const message = refusal(context.filename, specifier.value);
          if (message !== undefined) context.report({ node, message });
        };
        return {
          ImportDeclaration: check,
          ImportExpression: check,
          ExportNamedDeclaration: check,
          ExportAllDeclaration: check,
        };
      },
    },
  },
};

export default plugin;
