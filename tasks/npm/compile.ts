/**
 * One module of the library as JavaScript and declarations for Node.js and Bun.
 *
 * @module
 */
import { dirname, relative } from "node:path/posix";
import ts from "typescript";

/** What stands for globals that Node.js lacks: name -> module of the layer. */
const STAND_INS: Readonly<Record<string, string>> = {
  Deno: "deno.js",
  Float16Array: "float16_array.js",
  Worker: "worker.js",
};

/** Folder of the layer in the package. */
export const PLATFORM = "platform";

/** A module of the package. */
export interface Module {
  /** Path of its source below the project, with `/`. */
  readonly path: string;
  /** Its source. */
  readonly source: string;
  /**
   * Modules of the layer that must run before it.
   *
   * @default {[]}
   */
  readonly first?: readonly string[];
  /**
   * Whether it is of the layer itself.
   *
   * @default {false}
   */
  readonly isLayer?: boolean;
}

/** A module as the package holds it. */
export interface Compiled {
  /** JavaScript. */
  readonly code: string;
  /** Its declarations. */
  readonly declarations: string;
}

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  // Node.js 22 has no `using`.
  target: ts.ScriptTarget.ES2022,
  jsx: ts.JsxEmit.ReactJSX,
  removeComments: true,
  isolatedModules: true,
  isolatedDeclarations: true,
  declaration: true,
};

/** `./a.ts` -> `./a.js`, `./a.css` -> `./a.css.text.js`; others as they are. */
export function emitted(path: string, isText: boolean): string {
  return isText ? `${path}.text.js` : path.replace(/\.tsx?$/, ".js");
}

/** Compiles a module. */
export function compile(module: Module): Compiled {
  const { path, source } = module;
  const isText = textImports(source);
  const compilerOptions = OPTIONS;
  const { outputText } = ts.transpileModule(source, {
    fileName: path,
    compilerOptions,
    transformers: { before: [rewriteImports(isText)] },
  });
  const { outputText: types, diagnostics = [] } = ts.transpileDeclaration(
    source,
    { fileName: path, compilerOptions: { ...OPTIONS, removeComments: false } },
  );
  if (diagnostics.length > 0) {
    const reason = ts.flattenDiagnosticMessageText(
      diagnostics[0]!.messageText,
      " ",
    );
    throw new TypeError(`Cannot declare the types of ${path} as: ${reason}`);
  }
  return {
    code: module.isLayer ? outputText : withStandIns(outputText, module),
    declarations: types
      .replaceAll(/((?:from|import\()\s*"\.[^"]+)\.tsx?"/g, '$1.js"')
      // TypeScript 5.9 declares these methods a second time, as properties.
      .replaceAll(/^ *\[Symbol\.(?:asyncD|d)ispose\]: .*\n/gm, ""),
  };
}

/** What a module imports: relative paths of sources, and packages. */
export function importsOf(source: string): string[] {
  const { importedFiles } = ts.preProcessFile(source);
  return importedFiles.map(({ fileName }) => fileName);
}

/** The files that a module imports as text. */
function textImports(source: string): (specifier: string) => boolean {
  const file = ts.createSourceFile("x.tsx", source, ts.ScriptTarget.ESNext);
  const texts = new Set<string>();
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    if (statement.attributes === undefined) continue;
    texts.add((statement.moduleSpecifier as ts.StringLiteral).text);
  }
  return (specifier) => texts.has(specifier);
}

/** Lets imports and `new URL(...)` name JavaScript. */
function rewriteImports(
  isText: (specifier: string) => boolean,
): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    const visit = (node: ts.Node): ts.Node => {
      if (ts.isStringLiteral(node) && isLocal(node.text, isText)) {
        const { text } = node;
        return factory.createStringLiteral(emitted(text, isText(text)));
      }
      if (ts.isImportAttributes(node)) return node;
      const visited = ts.visitEachChild(node, visit, context);
      if (!ts.isImportDeclaration(visited)) return visited;
      const { modifiers, importClause, moduleSpecifier } = visited;
      return factory.updateImportDeclaration(
        visited,
        modifiers,
        importClause,
        moduleSpecifier,
        undefined,
      );
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}

function isLocal(
  text: string,
  isText: (specifier: string) => boolean,
): boolean {
  return /^\.{1,2}\/.*\.tsx?$/.test(text) || isText(text);
}

/** Imports the layer where a module uses a global of Deno. */
function withStandIns(code: string, { path, first = [] }: Module): string {
  const file = ts.createSourceFile("x.js", code, ts.ScriptTarget.ESNext);
  const used = new Set<string>();
  const look = (node: ts.Node) => {
    if (ts.isPropertyAccessExpression(node)) return look(node.expression);
    if (ts.isIdentifier(node)) used.add(node.text);
    ts.forEachChild(node, look);
  };
  look(file);
  const way = relative(dirname(path), PLATFORM);
  const from = `${way.startsWith(".") ? "" : "./"}${way}`;
  const lines = Object.entries(STAND_INS).flatMap(([name, target]) =>
    used.has(name) ? [`import { ${name} } from "${from}/${target}";\n`] : []
  );
  const before = first.map((target) => `import "${from}/${target}";\n`);
  return [...before, ...lines, code].join("");
}
