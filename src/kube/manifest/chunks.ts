/** The text of one document: between two `---` lines. */
export interface Chunk {
  readonly text: string;
  /** Lines before it in the file. */
  readonly lineOffset: number;
}

/**
 * Splits a manifest at its document markers, so that after an edit only changed documents are parsed again.
 * `---` at the start of a line is always a marker: block scalars are indented, and a quoted scalar must not contain it
 * (YAML 1.2, 9.1.2). JSON has none and stays in one piece.
 */
export function splitDocuments(text: string): Chunk[] {
  const chunks: Chunk[] = [];
  // No flag `m`: JavaScript also starts a line after U+2028, which may occur in any text.
  const marker = /(?<=^|\n)---(?=[ \t\r\n]|$)/g;
  let from = 0;
  let line = 0;
  for (const match of text.matchAll(marker)) {
    // Text after the marker on its line (`--- # Source: x`, `--- {a: 1}`) belongs to the new document.
    const body = text.slice(from, match.index);
    chunks.push({ text: body, lineOffset: line });
    line += countLines(body);
    from = match.index;
  }
  chunks.push({ text: text.slice(from), lineOffset: line });
  return chunks.filter(chunk => chunk.text.trim() !== '');
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
