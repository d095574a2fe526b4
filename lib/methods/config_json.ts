/**
 * Choices as they stand in a configuration file.
 *
 * @module
 */

/** The choices, or some of them, with the names of the file: `image_size`. */
export function configToJson(config: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
