/** Plain text tables: columns as wide as their widest cell. Colour is applied after the widths are known. */
import type { Output } from './io.js';

export interface Cell {
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const cellOf = (value: string | Cell): Cell => (typeof value === 'string' ? { text: value } : value);

/** Lines without trailing spaces; no header line when every title is empty. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | Cell)[])[],
  indent = '',
): string[] {
  const header = columns.map((column): Cell => ({ text: column.title }));
  const body = rows.map((row) => row.map(cellOf));
  const all = header.some((cell) => cell.text !== '') ? [header, ...body] : body;
  const widths = columns.map((_, i) => Math.max(...all.map((row) => row[i]?.text.length ?? 0)));
  return all.map((row) => {
    const cells = columns.map((column, i) =>
      pad(row[i] ?? { text: '' }, widths[i] ?? 0, column.align ?? 'left'),
    );
    return `${indent}${cells.join('  ')}`.trimEnd();
  });
}

function pad(cell: Cell, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(width - cell.text.length);
  const text = cell.paint === undefined ? cell.text : cell.paint(cell.text);
  return align === 'right' ? space + text : text + space;
}

/** Columns of the terminal that listens; undefined where none does and lines may be as long as they get. */
export const widthOf = (stream: Output): number | undefined =>
  stream.isTTY === true ? (stream.columns ?? 80) : undefined;
