/**
 * Control characters: C0 with the escape character, DEL, and C1, which some terminals take for escape sequences, too;
 * and those that change the direction of text (Unicode UAX 9), which make a terminal show another text than the real one.
 */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
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
  // JSON leaves these as they are; written like this, they stay the same text in JSON.
  if (code >= 0x7f) return `\\u${code.toString(16).padStart(4, '0')}`;
  return SHORT[character] ?? `\\x${code.toString(16).padStart(2, '0')}`;
}
