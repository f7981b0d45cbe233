/** Control characters: C0 with the escape character, DEL, and C1, which some terminals take for escape sequences, too. */
const CONTROLS = /\p{Cc}/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Makes the control characters of text from elsewhere visible (`\x1b`), so that it cannot rewrite a terminal or start a
 * line of its own.
 *
 * @param kept control characters that stay
 */
export function escapeControls(text: string, kept = ''): string {
  return text.replaceAll(CONTROLS, character => (kept.includes(character) ? character : escaped(character)));
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  // JSON leaves DEL and C1 as they are; written like this, they stay the same text in JSON.
  if (code >= 0x7f) return `\\u00${code.toString(16)}`;
  return SHORT[character] ?? `\\x${code.toString(16).padStart(2, '0')}`;
}
