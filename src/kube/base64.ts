const GRAMMAR = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Decodes base64 as the API does: the standard alphabet with padding; line breaks are skipped.
 *
 * @returns undefined for other text
 */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const compact = text.replaceAll(/[\r\n]/g, '');
  if (!isBase64(compact)) return undefined;
  const binary = atob(compact);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** The same bytes in base64 as the API writes it: without line breaks, and with the unused bits of the end zero. */
export function canonicalBase64(text: string): string | undefined {
  const compact = text.replaceAll(/[\r\n]/g, '');
  return isBase64(compact) ? btoa(atob(compact)) : undefined;
}

function isBase64(text: string): boolean {
  // In pieces, since a regular expression that repeats groups needs stack for each of a large text.
  const piece = 40_000;
  for (let start = 0; start < text.length; start += piece) {
    const part = text.slice(start, start + piece);
    if (!GRAMMAR.test(part) || (part.includes('=') && start + piece < text.length)) return false;
  }
  return true;
}
