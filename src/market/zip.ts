/**
 * The one file of a zip archive, checked against the archive's own checksum.
 *
 * Owns what fflate leaves out: it inflates, but does not compare the CRC, and one flipped bit is another price.
 */
import { unzipSync } from 'fflate';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_SIZE = 22;

/** Does it begin as a zip archive does? */
export const isZip = (raw: Buffer): boolean => raw.length >= 4 && raw.readUInt32LE(0) === 0x04034b50;

/** The content of the only file in the archive. Throws a plain Error: the caller knows the archive's name. */
export function unzipOne(raw: Buffer): Buffer {
  const checksums = directory(raw);
  if (checksums.length !== 1) throw new Error(`holds ${checksums.length} files, not one`);
  const content = Object.values(unzipSync(raw))[0];
  if (content === undefined || crc32(content) !== checksums[0]) throw new Error('checksum differs');
  return Buffer.from(content.buffer, content.byteOffset, content.length);
}

/** Checksums from the central directory, in its order; folders are left out. */
function directory(raw: Buffer): number[] {
  let end = raw.length - END_SIZE;
  while (end >= 0 && raw.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  if (end < 0) throw new Error('no end of central directory');
  const checksums: number[] = [];
  let at = raw.readUInt32LE(end + 16);
  for (let left = raw.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (raw.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error('central directory is damaged');
    const nameLength = raw.readUInt16LE(at + 28);
    const isFolder = raw[at + 46 + nameLength - 1] === '/'.charCodeAt(0);
    if (!isFolder) checksums.push(raw.readUInt32LE(at + 16));
    at += 46 + nameLength + raw.readUInt16LE(at + 30) + raw.readUInt16LE(at + 32);
  }
  return checksums;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let index = 0; index < bytes.length; index += 1) {
    crc = CRC_TABLE[(crc ^ bytes[index]!) & 0xff]! ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
