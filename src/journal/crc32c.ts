/**
 * CRC-32C (Castagnoli), eight bytes a step: what each frame carries.
 *
 * Own code because Node 20 has none, and because native bindings cost an install step on the way to money.
 */
const POLYNOMIAL = 0x82f63b78;
const STEP = 8;

/** Table k says what a byte does to the remainder when k bytes follow it. */
const TABLES: readonly Int32Array[] = makeTables();

function makeTables(): Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
  const tables = [first];
  for (let k = 1; k < STEP; k++) {
    const before = tables[k - 1]!;
    tables.push(Int32Array.from(before, (crc) => (crc >>> 8) ^ first[crc & 255]!));
  }
  return tables;
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** Of bytes `from` up to `to`; `before`: the checksum of what precedes them. Unsigned. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length, before = 0): number {
  let crc = ~before;
  let at = from;
  for (; at + STEP <= to; at += STEP) {
    crc =
      T7[(crc ^ bytes[at]!) & 255]! ^
      T6[((crc >>> 8) ^ bytes[at + 1]!) & 255]! ^
      T5[((crc >>> 16) ^ bytes[at + 2]!) & 255]! ^
      T4[((crc >>> 24) ^ bytes[at + 3]!) & 255]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!;
  }
  for (; at < to; at++) crc = T0[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
