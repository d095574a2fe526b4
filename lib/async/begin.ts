/**
 * Beginning what is waited for later.
 *
 * @module
 */

/**
 * Lets work go on beside other work. What fails is told where it is waited for,
 * and not at all where nobody comes to wait.
 *
 * @returns The same.
 */
export function begin<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}
