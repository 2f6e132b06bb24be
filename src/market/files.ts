/**
 * Reading recorded files: plain, gzipped or zipped, as lines that know where they came from.
 *
 * Owns reading, decompression with checksums, line splitting, and the wording of MARKET_DATA errors. What a line
 * means is each format's. A file is held in memory decompressed while its source lives.
 */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FillwrightError } from '../dtos/errors.js';
import { isZip, unzipOne } from './zip.js';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** A decompressed file. `name` is as the user gave it, and is what errors say. */
export interface DataFile {
  readonly name: string;
  readonly base: string;
  readonly bytes: Buffer;
}

/** One line, 1-based, of one file. */
export interface Line {
  readonly file: DataFile;
  readonly number: number;
  readonly text: string;
}

/** @throws MARKET_DATA always: `file:line: message`, or `file: message` where no line is to blame */
export function fail(at: Line | { readonly name: string }, message: string, cause?: unknown): never {
  const where = 'file' in at ? `${at.file.name}:${at.number}` : at.name;
  const path = 'file' in at ? at.file.name : at.name;
  throw new FillwrightError('MARKET_DATA', `${where}: ${message}`, { path, cause });
}

/**
 * Reads and decompresses files, relative to `baseDir`.
 * @throws MARKET_DATA for a file that is missing, listed twice, truncated, damaged, empty or no text
 */
export function readDataFiles(names: readonly string[], baseDir: string): DataFile[] {
  const seen = new Set<string>();
  return names.map((name) => {
    const path = resolve(baseDir, name);
    if (seen.has(path)) fail({ name }, 'is listed twice');
    seen.add(path);
    const bytes = decompress(name, readBytes(name, path));
    checkText({ name, base: basename(name), bytes });
    return { name, base: basename(name), bytes };
  });
}

function readBytes(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = textOf(cause, 'code');
    const known: Record<string, string> = {
      ENOENT: 'does not exist',
      EISDIR: 'is a folder',
      EACCES: 'may not be read',
    };
    return fail({ name }, known[code] ?? `cannot be read (${code})`, cause);
  }
}

// By shape, not by class: an error of Node's may come from another realm than this module's.
function textOf(cause: unknown, field: 'code' | 'message'): string {
  const found =
    typeof cause === 'object' && cause !== null ? (cause as Record<string, unknown>)[field] : undefined;
  return typeof found === 'string' ? found : 'unknown error';
}

function decompress(name: string, raw: Buffer): Buffer {
  if (raw.length === 0) fail({ name }, 'is empty');
  const gzipped = raw[0] === 0x1f && raw[1] === 0x8b;
  const zipped = isZip(raw);
  if (/\.gz$/i.test(name) && !gzipped) fail({ name }, 'is not gzipped, whatever its name says');
  if (/\.zip$/i.test(name) && !zipped) fail({ name }, 'is not a zip archive, whatever its name says');
  try {
    if (gzipped) return gunzipSync(raw);
    return zipped ? unzipOne(raw) : raw;
  } catch (cause) {
    return fail({ name }, `is truncated or damaged (${textOf(cause, 'message')})`, cause);
  }
}

function checkText(file: DataFile): void {
  const { bytes, name } = file;
  if (bytes.length === 0) fail({ name }, 'is empty');
  const bom = ['efbbbf', 'fffe', 'feff'].find(
    (mark) => bytes.subarray(0, mark.length / 2).toString('hex') === mark,
  );
  if (bom !== undefined) fail({ file, number: 1, text: '' }, 'begins with a byte order mark');
  const nul = bytes.indexOf(0);
  if (nul >= 0) fail({ file, number: lineNumberAt(bytes, nul), text: '' }, 'holds a NUL byte');
}

function lineNumberAt(bytes: Buffer, offset: number): number {
  let number = 1;
  for (let at = bytes.indexOf(NEWLINE); at >= 0 && at < offset; at = bytes.indexOf(NEWLINE, at + 1))
    number += 1;
  return number;
}

/** The lines of a file, without their ends. A last line without a newline counts; an empty line is an error. */
export function* linesOf(file: DataFile): Generator<Line> {
  const { bytes } = file;
  let number = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    number += 1;
    yield { file, number, text: textBetween(bytes, start, end, file, number) };
    start = end + 1;
  }
}

// latin1 because it is the cheapest decoder: no format here has a letter beyond ASCII in a field that is used.
function textBetween(bytes: Buffer, start: number, end: number, file: DataFile, number: number): string {
  const stop = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
  if (stop === start) fail({ file, number, text: '' }, 'is an empty line');
  return bytes.toString('latin1', start, stop);
}

/** The first line. */
export function firstLine(file: DataFile): Line {
  for (const line of linesOf(file)) return line;
  return fail(file, 'is empty');
}

/** The last line, found from the end. Its number costs a pass over the newlines. */
export function lastLine(file: DataFile): Line {
  const { bytes } = file;
  const end = bytes[bytes.length - 1] === NEWLINE ? bytes.length - 1 : bytes.length;
  const start = end === 0 ? 0 : bytes.lastIndexOf(NEWLINE, end - 1) + 1;
  const number = lineNumberAt(bytes, start);
  return { file, number, text: textBetween(bytes, start, end, file, number) };
}

/** The fields of a CSV line. @throws MARKET_DATA unless there are `count` of them */
export function fieldsOf(line: Line, count: number): string[] {
  const fields = line.text.split(',');
  if (fields.length !== count) fail(line, `has ${fields.length} columns, not ${count}`);
  return fields;
}
