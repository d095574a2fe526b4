/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * What the server answers, as OpenAPI, and as a page that needs no network.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import style from "./docs.css" with { type: "text" };
import { type Html, pageOf, policyOf } from "./head.tsx";
import {
  type ApiDocument,
  completeDocument,
  ErrorSchema,
  HEADERS,
  SCHEME,
} from "./complete_document.ts";
import { curlLine } from "./curl_line.ts";
import { formFiles } from "./form_files.ts";
import type { App } from "../services.ts";

/** The part of a document that the page shows. */
const Operation = z.object({
  summary: z.string().default(""),
  description: z.string().optional(),
  tags: z.array(z.string()).default(["Other"]),
  parameters: z.array(z.object({
    name: z.string(),
    in: z.string(),
    required: z.boolean().default(false),
    description: z.string().optional(),
    schema: z.object({
      description: z.string().optional(),
      enum: z.array(z.unknown()).optional(),
      example: z.unknown().optional(),
    }).optional(),
  })).default([]),
  requestBody: z.object({
    content: z.record(
      z.string(),
      z.object({ schema: z.unknown(), example: z.unknown().optional() }),
    ),
  }).optional(),
  security: z.array(z.unknown()).optional(),
  responses: z.record(z.string(), z.object({ description: z.string() })),
});

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({
    schemas: z.record(
      z.string(),
      z.looseObject({ example: z.unknown().optional() }),
    ),
  }),
  security: z.array(z.unknown()),
});

interface Entry {
  readonly path: string;
  readonly method: string;
  readonly operation: z.infer<typeof Operation>;
  /** How to ask it with curl. */
  readonly curl: string;
}

const INFO = {
  title: "MFP-CLIP",
  version: "1",
  description: "Zero-shot anomaly detection: images in, anomaly maps and " +
    "scores out.",
  license: { name: "MIT", identifier: "MIT" },
};

function Rows({ title, rows }: {
  title: string;
  rows: readonly (readonly [string, string])[];
}): Html | null {
  if (rows.length === 0) return null;
  return (
    <>
      <h4>{title}</h4>
      <dl class="rows">
        {rows.map(([name, text]) => (
          <div>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** `#/components/schemas/Score` -> `Score`. */
function schemaName(schema: unknown): string {
  const text = JSON.stringify(schema ?? {});
  return /#\/components\/schemas\/(\w+)/.exec(text)?.[1] ?? "";
}

function EntryPart({ path, method, operation, curl }: Entry): Html {
  const bodies = Object.entries(operation.requestBody?.content ?? {});
  return (
    <details class="operation">
      <summary>
        <b class={`method ${method}`}>{method.toUpperCase()}</b>
        <code>{path}</code>
        <span>{operation.summary}</span>
      </summary>
      {operation.description ? <p>{operation.description}</p> : null}
      <pre>{curl}</pre>
      <Rows
        title="Parameters"
        rows={operation.parameters.map((parameter) =>
          [
            parameter.name,
            `${
              parameter.description ?? parameter.schema?.description ?? ""
            } (${parameter.in}${parameter.required ? ", required" : ""})`
              .trim(),
          ] as const
        )}
      />
      <Rows
        title="Body"
        rows={bodies.map(([type, { schema }]) =>
          [type, schemaName(schema)] as const
        )}
      />
      <Rows
        title="Responses"
        rows={Object.entries(operation.responses)
          .map(([status, { description }]) => [status, description] as const)}
      />
    </details>
  );
}

type Described = z.infer<typeof Document>;

function sampleOf(name: string, example: unknown): string {
  if (typeof example === "string") return example;
  return name === "category" ? "bottle" : name.toUpperCase();
}

/** What an operation is asked with in examples. */
function curlOf(
  { path, method, operation }: Omit<Entry, "curl">,
  { components, security }: Described,
): string {
  const content = Object.entries(operation.requestBody?.content ?? {});
  const bodies = content.map(([type, { schema, example }]) => ({
    type,
    example: example ?? components.schemas[schemaName(schema)]?.example ?? "",
    files: formFiles(schema),
  }));
  const parameters = operation.parameters
    .filter(({ name, required }) => required || name === "category")
    .map(({ name, schema }) =>
      [name, sampleOf(name, schema?.example ?? schema?.enum?.[0])] as const
    );
  return curlLine({
    path,
    method,
    withToken: (operation.security ?? security).length > 0,
    bodies,
    parameters: Object.fromEntries(parameters),
  });
}

function entriesOf(document: Described): Entry[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const route = { path, method, operation };
      return { ...route, curl: curlOf(route, document) };
    })
  );
}

function page(document: z.infer<typeof Document>): Html {
  const groups = Map.groupBy(
    entriesOf(document),
    ({ operation }) => operation.tags[0] ?? "Other",
  );
  return pageOf({
    title: "API · MFP-CLIP",
    style,
    children: (
      <main>
        <header>
          <p class="eyebrow">
            <a href="/">MFP-CLIP</a>
          </p>
          <h1>API</h1>
          <p class="lead">
            {INFO.description} The same for machines:{" "}
            <a href="/openapi.json">openapi.json</a>
          </p>
        </header>
        {[...groups].map(([tag, entries]) => (
          <section>
            <h2>{tag}</h2>
            {entries.map((entry) => (
              <EntryPart key={entry.path + entry.method} {...entry} />
            ))}
          </section>
        ))}
        <section>
          <h2>Schemas</h2>
          {Object.entries(document.components.schemas).map((
            [name, schema],
          ) => (
            <details class="operation">
              <summary>
                <code>{name}</code>
              </summary>
              <pre>{JSON.stringify(schema, null, 2)}</pre>
            </details>
          ))}
        </section>
      </main>
    ),
  });
}

/** Describes all routes that the application has. */
function describe(app: App, hasTokens: boolean): ApiDocument {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent("securitySchemes", SCHEME, {
    type: "http",
    scheme: "bearer",
    description: "One of the tokens in MFP_TOKENS, in the header " +
      "`Authorization: Bearer TOKEN`. Without MFP_TOKENS no request needs one.",
  });
  registry.register("Error", ErrorSchema);
  for (const [name, header] of Object.entries(HEADERS)) {
    registry.registerComponent("headers", name, { ...header });
  }
  const made = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: INFO,
    servers: [{ url: "/" }],
    security: hasTokens ? [{ [SCHEME]: [] }] : [],
  });
  completeDocument(made, hasTokens);
  return made;
}

/** The description of an application, for machines and for people. */
export class Docs {
  /** The document of OpenAPI as JSON. */
  readonly json: string;
  /** What the page may load and run. */
  readonly policy: string = policyOf();
  readonly #document: ApiDocument;
  #html: Promise<string> | undefined;

  /**
   * Constructs the description of all routes that are there.
   *
   * @param hasTokens Whether requests must carry a token.
   */
  constructor(app: App, hasTokens: boolean) {
    this.#document = describe(app, hasTokens);
    this.json = JSON.stringify(this.#document);
  }

  /** The page, which is made once: it takes 12 ms, and anybody may ask. */
  html(): Promise<string> {
    return this.#html ??= write(this.#document);
  }
}

async function write(document: ApiDocument): Promise<string> {
  return String(await page(Document.parse(document)));
}
