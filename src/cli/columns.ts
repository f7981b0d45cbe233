import { escapeControls } from '../data/index.ts';

/**
 * Formats a table as kubectl does: three spaces between columns, never wrapped, readable by people and `awk`.
 * Does not pad the last column, and omits columns that are empty in every row. Control characters in cells are escaped.
 */
export function columns(headers: readonly string[], rows: readonly (readonly string[])[], showHeaders = true): string {
  if (rows.length === 0) return '';
  const used = headers.map((_, index) => index === 0 || rows.some(row => (row[index] ?? '') !== ''));
  const lines = (showHeaders ? [headers, ...rows] : rows).map(row =>
    row.filter((_, index) => used[index]).map(cell => escapeControls(cell)),
  );
  const widths: number[] = [];
  for (const line of lines) {
    line.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  }
  const text = lines.map(line =>
    line
      .map((cell, index) => (index === line.length - 1 ? cell : cell.padEnd((widths[index] ?? 0) + 3)))
      .join('')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}
