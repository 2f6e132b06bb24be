/** Files that cannot be used: one line that names the file, never a raw stack. */
import { describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { FillwrightError } from '../../src/dtos/errors.js';
import { openMarket } from '../../src/market/open.js';
import { eventsOf, failureOf, folderOf, messageOf, openFiles } from './files.js';

const ROWS = '1,100.5,0.25,25.125,1700000000000,true\n2,100.6,0.5,50.3,1700000000010,false\n';

describe('a file that is read', () => {
  test.each(['x.csv', 'x.csv.gz', 'x.zip'])('gives the same events as %s', (name) => {
    const events = eventsOf(openFiles('trades-csv', { [name]: ROWS }));
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({ price: '100.5', quantity: '0.25', buyerIsMaker: true, id: 1 });
  });

  test('may end its lines with carriage returns, or its last line with nothing', () => {
    const events = eventsOf(openFiles('trades-csv', { 'x.csv': ROWS.trimEnd().replaceAll('\n', '\r\n') }));
    expect(events.map((event) => event.at)).toEqual([1700000000000, 1700000000010]);
  });

  test('is read again by each iteration', () => {
    const source = openFiles('trades-csv', { 'x.csv': ROWS });
    expect(eventsOf(source)).toEqual(eventsOf(source));
  });
});

describe('a file that cannot be used', () => {
  const bytes = (text: string, ...before: number[]) =>
    Buffer.concat([Buffer.from(before), Buffer.from(text)]);
  const zipped = zipSync({ 'a.csv': Buffer.from(ROWS.repeat(50)) });
  const flipped = Uint8Array.from(zipSync({ 'a.csv': Buffer.from(ROWS) }, { level: 0 }));
  flipped[flipped.indexOf('5'.charCodeAt(0), 40)]! += 1;

  test.each([
    ['empty', { 'x.csv': '' }, 'x.csv: is empty'],
    ['empty inside', { 'x.csv.gz': '' }, 'x.csv.gz: is empty'],
    [
      'with a UTF-8 mark',
      { 'x.csv': bytes(ROWS, 0xef, 0xbb, 0xbf) },
      'x.csv:1: begins with a byte order mark',
    ],
    ['with a UTF-16 mark', { 'x.csv': bytes(ROWS, 0xff, 0xfe) }, 'x.csv:1: begins with a byte order mark'],
    ['with a NUL', { 'x.csv': `${ROWS}3,1\0,2,3,4,true\n` }, 'x.csv:3: holds a NUL byte'],
    ['with an empty line', { 'x.csv': ROWS.replace('\n', '\n\n') }, 'x.csv:2: is an empty line'],
    [
      'named .gz that is not',
      { 'x.csv.gz': bytes(ROWS) },
      'x.csv.gz: is not gzipped, whatever its name says',
    ],
    [
      'named .zip that is not',
      { 'x.zip': bytes(ROWS) },
      'x.zip: is not a zip archive, whatever its name says',
    ],
    [
      'a zip of two files',
      { 'x.zip': zipSync({ 'a.csv': Buffer.from(ROWS), 'b.csv': Buffer.from(ROWS) }) },
      'x.zip: is truncated or damaged (holds 2 files, not one)',
    ],
    ['a zip with a flipped bit', { 'x.zip': flipped }, 'x.zip: is truncated or damaged (checksum differs)'],
    [
      'a zip cut short',
      { 'x.zip': zipped.subarray(0, zipped.length - 30) },
      'x.zip: is truncated or damaged (no end of central directory)',
    ],
  ])('%s is refused', (_, files, message) => {
    expect(failureOf('trades-csv', files as Record<string, string | Uint8Array>)).toBe(message);
  });

  test('truncated gzip is refused', () => {
    const cut = gzipSync(ROWS.repeat(100)).subarray(0, 60);
    expect(failureOf('trades-csv', { 'x.gz': cut })).toMatch(/^x\.gz: is truncated or damaged \(.+\)$/);
  });

  test('gzip with a flipped bit is refused', () => {
    const raw = gzipSync(ROWS.repeat(100));
    raw[raw.length - 6]! ^= 1;
    expect(failureOf('trades-csv', { 'x.gz': raw })).toMatch(/^x\.gz: is truncated or damaged \(.+\)$/);
  });

  const open = (files: string[], folder: string) =>
    openMarket({ source: 'recorded', format: 'trades-csv', files, symbols: { x: 'X' } }, folder);

  test('missing is refused with the name as given, and the error carries it as its path', () => {
    const folder = folderOf({});
    expect(messageOf(() => open(['./gone.csv'], folder))).toBe('./gone.csv: does not exist');
    let path = '';
    try {
      open(['./gone.csv'], folder);
    } catch (error) {
      path = error instanceof FillwrightError ? error.path : '';
    }
    expect(path).toBe('./gone.csv');
  });

  test('a folder is refused', () => {
    expect(messageOf(() => open(['.'], folderOf({})))).toBe('.: is a folder');
  });

  test('listed twice is refused, even under another spelling', () => {
    const folder = folderOf({ 'x.csv': ROWS });
    expect(messageOf(() => open(['x.csv', './x.csv'], folder))).toBe('./x.csv: is listed twice');
  });
});
