/**
 * How to ask a route with curl.
 *
 * @module
 */

/** What a line is made of. */
export interface CurlRoute {
  /** The path, with parameters in braces. */
  readonly path: string;
  /** The method, in small letters. */
  readonly method: string;
  /** Whether a token goes along. */
  readonly withToken: boolean;
  /** Bodies by media type. */
  readonly bodies: readonly (readonly [type: string, example: unknown])[];
  /** Values of parameters by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

const SERVER = "http://127.0.0.1:8080";

/** A shell takes all but quotes as it is between single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function bodyFlags(bodies: CurlRoute["bodies"]): string[] {
  const [first] = bodies;
  if (first === undefined) return [];
  const [type, example] = first;
  if (type === "image/*") {
    return ["-H 'Content-Type: image/png'", "--data-binary @photo.png"];
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
