/**
 * The seeds that nano is evaluated with.
 *
 * @module
 */

/**
 * Seeds of the test half for the tables of the README. They were chosen before
 * any result was seen, and nothing is trained with them.
 */
export const TEST_SEEDS: readonly number[] = [8101, 8102, 8103];
