/**
 * How to ask a route with curl.
 *
 * @module
 */

/** A body that a route takes. */
export interface CurlBody {
  /** Its media type. */
  readonly type: string;
  /** What it may hold. */
  readonly example: unknown;
  /** The files of a form: name of the field -> how many may be sent. */
  readonly files: Readonly<Record<string, "one" | "many">>;
}

/** What a line is made of. */
export interface CurlRoute {
  /** The path, with parameters in braces. */
  readonly path: string;
  /** The method, in small letters. */
  readonly method: string;
  /** Whether a token goes along. */
  readonly withToken: boolean;
  /** Bodies by media type. */
  readonly bodies: readonly CurlBody[];
  /** Values of parameters by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

const SERVER = "http://127.0.0.1:8080";

/** Files that the lines send. */
const PHOTOS = ["photo.png", "photo2.png"] as const;

/** A shell takes all but quotes as it is between single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function bodyFlags(bodies: CurlRoute["bodies"]): string[] {
  const [first] = bodies;
  if (first === undefined) return [];
  const { type, example, files } = first;
  if (type === "multipart/form-data") {
    return Object.entries(files).flatMap(([name, count]) =>
      (count === "one" ? PHOTOS.slice(0, 1) : PHOTOS)
        .map((file) => `-F ${name}=@${file}`)
    );
  }
  if (type.startsWith("image/")) {
    return ["-H 'Content-Type: image/png'", `--data-binary @${PHOTOS[0]}`];
  }
  const text = typeof example === "string" ? example : JSON.stringify(example);
  return [`-H ${quoted(`Content-Type: ${type}`)}`, `-d ${quoted(text)}`];
}

/**
 * Writes the line.
 *
 * @param route The route.
 * @returns A line for a shell.
 */
export function curlLine(route: CurlRoute): string {
  const { path, method, withToken, bodies, parameters } = route;
  const query = new URLSearchParams();
  let filled = path;
  for (const [name, value] of Object.entries(parameters)) {
    if (path.includes(`{${name}}`)) {
      filled = filled.replace(`{${name}}`, encodeURIComponent(value));
    } else query.set(name, value);
  }
  const search = query.size === 0 ? "" : `?${query}`;
  const isUsual = method === (bodies.length > 0 ? "post" : "get");
  return [
    "curl",
    ...isUsual ? [] : [`-X ${method.toUpperCase()}`],
    ...withToken ? ["-H 'Authorization: Bearer TOKEN'"] : [],
    ...bodyFlags(bodies),
    quoted(`${SERVER}${filled}${search}`),
  ].join(" ");
}
