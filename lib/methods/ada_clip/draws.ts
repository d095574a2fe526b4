/**
 * The random numbers of NumPy's `RandomState(seed).random_sample`, which
 * scikit-learn draws the first centres of k-means with.
 *
 * @module
 */

const WORDS = 624;
const MIDDLE = 397;

/** The state of the Mersenne Twister MT19937 for a seed of 32 bits. */
function seeded(seed: number): Uint32Array {
  const words = new Uint32Array(WORDS);
  words[0] = seed;
  for (let i = 1; i < WORDS; i++) {
    const before = words[i - 1]! ^ words[i - 1]! >>> 30;
    words[i] = Math.imul(1812433253, before) + i;
  }
  return words;
}

/** Makes the next 624 words in place. */
function twist(words: Uint32Array): void {
  for (let i = 0; i < WORDS; i++) {
    const high = words[i]! & 0x80000000;
    const low = words[(i + 1) % WORDS]! & 0x7fffffff;
    const y = high | low;
    const odd = y & 1 ? 0x9908b0df : 0;
    words[i] = words[(i + MIDDLE) % WORDS]! ^ y >>> 1 ^ odd;
  }
}

function temper(word: number): number {
  let y = word;
  y ^= y >>> 11;
  y ^= y << 7 & 0x9d2c5680;
  y ^= y << 15 & 0xefc60000;
  y ^= y >>> 18;
  return y >>> 0;
}

/** The first numbers in [0, 1) of a seed, of 53 bits each. */
export function mersenneNumbers(seed: number, count: number): Float64Array {
  const words = seeded(seed);
  let next = WORDS;
  const bits = () => {
    if (next === WORDS) twist(words);
    next %= WORDS;
    return temper(words[next++]!);
  };
  return Float64Array.from({ length: count }, () => {
    const [high, low] = [bits() >>> 5, bits() >>> 6];
    return (high * 2 ** 26 + low) / 2 ** 53;
  });
}
