/** A stretch of a manifest between two `---` lines. */
export interface Chunk {
  readonly text: string;
  /** Lines before it in the file. */
  readonly lineOffset: number;
}

/**
 * Cuts a manifest at its document markers, so that after an edit only the documents that changed are read again.
 * `---` at the start of a line is a marker wherever YAML allows it: block scalars are indented, and a quoted scalar
 * must not hold one (YAML 1.2, 9.1.2). JSON has none and stays whole.
 */
export function splitDocuments(text: string): Chunk[] {
  const chunks: Chunk[] = [];
  // Without the flag `m`: to JavaScript a line also begins behind a U+2028, which may stand in any text.
  const marker = /(?<=^|\n)---(?=[ \t\r\n]|$)/g;
  let from = 0;
  let line = 0;
  for (const match of text.matchAll(marker)) {
    // What follows the marker on its own line (`--- # Source: x`, `--- {a: 1}`) belongs to the new document.
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
