/**
 * Names that come from files, in messages.
 *
 * @module
 */

const LONGEST = 80;

/**
 * A name out of a file as it may stand in a message: on one line, and not
 * longer than a line.
 */
export function quote(name: string): string {
  const short = name.length > LONGEST ? `${name.slice(0, LONGEST)}...` : name;
  return /^[\w./:-]+$/.test(short) ? short : JSON.stringify(short);
}
