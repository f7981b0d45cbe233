/** Text of another process without control characters, which a terminal would take for commands. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}
