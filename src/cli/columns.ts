/**
 * Text in columns as kubectl prints it: three blanks between them, never wrapped, so that `awk` and eyes can read it.
 * The last column is not padded; a column that is empty in every row is left out.
 */
export function columns(headers: readonly string[], rows: readonly (readonly string[])[], showHeaders = true): string {
  if (rows.length === 0) return '';
  const used = headers.map((_, index) => index === 0 || rows.some(row => (row[index] ?? '') !== ''));
  const lines = (showHeaders ? [headers, ...rows] : rows).map(row => row.filter((_, index) => used[index]));
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
