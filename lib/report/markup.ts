/**
 * HTML templates that escape what is put into them.
 *
 * @module
 */

/** Text that is already HTML. */
export class Markup {
  readonly #text: string;

  /**
   * Takes text as HTML, without escaping it.
   *
   * @param text The HTML.
   */
  constructor(text: string) {
    this.#text = text;
  }

  /** The HTML. */
  toString(): string {
    return this.#text;
  }
}

/** The values of a template; null gives no text. */
export type Piece = Markup | string | number | null | readonly Piece[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Escapes text for element content and quoted attributes.
 *
 * @param text The text.
 * @returns HTML that shows the text.
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

function render(piece: Piece): string {
  if (piece === null) return "";
  if (piece instanceof Markup) return piece.toString();
  if (typeof piece === "number") return `${piece}`;
  if (typeof piece === "string") return escapeHtml(piece);
  return piece.map(render).join("");
}

/**
 * A template tag for HTML. Every value is escaped unless it is
 * {@linkcode Markup}. Attributes must be quoted.
 *
 * @param strings The template's own text.
 * @param pieces The values.
 * @returns The HTML.
 */
export function html(
  strings: TemplateStringsArray,
  ...pieces: readonly Piece[]
): Markup {
  return new Markup(
    strings.reduce((text, string, i) =>
      text + render(pieces[i - 1] ?? null) + string
    ),
  );
}
