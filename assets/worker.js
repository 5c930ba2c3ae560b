// Finds a text that starts with an address and whose SHA-256 ends with the bits of a label (XEP-0158 §6.2). The hash is written out
// here (FIPS 180-4) because the browser's own answers each call with a promise, which takes ten times as long.
"use strict";

const primes = (count) => {
  const found = [];
  for (let number = 2; found.length < count; number += 1) {
    if (found.every((prime) => number % prime !== 0)) {
      found.push(number);
    }
  }
  return found;
};
// The first 32 bits of the fraction (FIPS 180-4 §4.2.2, §5.3.3).
const fraction = (number) => ((number - Math.floor(number)) * 2 ** 32) | 0;
const ROUNDS = Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));
const words = new Int32Array(64);

// The last 32 bits of the hash of `text`, which is ASCII.
const end = (text) => {
  const state = Int32Array.from(START);
  const blocks = ((text.length + 8) >> 6) + 1;
  for (let block = 0; block < blocks; block += 1) {
    words.fill(0, 0, 16);
    for (let at = 0; at < 64; at += 1) {
      const index = block * 64 + at;
      const byte = index < text.length ? text.charCodeAt(index) : index === text.length ? 0x80 : 0;
      words[at >> 2] |= byte << (24 - 8 * (at & 3));
    }
    if (block === blocks - 1) {
      words[15] = text.length * 8;
    }
    for (let at = 16; at < 64; at += 1) {
      const early = words[at - 15];
      const late = words[at - 2];
      const low = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3);
      const high = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
      words[at] = (words[at - 16] + low + words[at - 7] + high) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let at = 0; at < 64; at += 1) {
      const sigma = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + sigma + ((e & f) ^ (~e & g)) + ROUNDS[at] + words[at]) | 0;
      const other = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (other + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((value, at) => {
      state[at] = (state[at] + value) | 0;
    });
  }
  return state[7];
};

onmessage = (event) => {
  const { address, label } = event.data;
  const wanted = parseInt(label, 16) | 0;
  const bits = parseInt(label, 16).toString(2).length;
  const mask = bits === 32 ? -1 : (1 << bits) - 1;
  for (let number = 0; ; number += 1) {
    const text = address + number.toString(16);
    if ((end(text) & mask) === wanted) {
      postMessage(text);
      return;
    }
  }
};
