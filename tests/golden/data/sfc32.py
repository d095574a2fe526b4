"""Numbers of sfc32 for a text key, as tests/random_test.ts
expects them: python sfc32.py seed/1 4
"""

import sys

MASK = 0xFFFFFFFF


def hashed(text, basis):
    h = basis
    for character in text:
        h = ((h ^ ord(character)) * 0x01000193) & MASK
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & MASK
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & MASK
    return h ^ (h >> 16)


def sfc32(key, count):
    a, b, c = (hashed(key, basis) for basis in (0x811C9DC5, 0x9E3779B9, 0x243F6A88))
    counter = 1
    numbers = []
    for _ in range(12 + count):
        total = (a + b + counter) & MASK
        counter = (counter + 1) & MASK
        a = b ^ (b >> 9)
        b = (c + (c << 3)) & MASK
        c = (((c << 21) | (c >> 11)) + total) & MASK
        numbers.append(total)
    return numbers[12:]


print(sfc32(sys.argv[1], int(sys.argv[2])))
