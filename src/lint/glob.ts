/** `charts/**`, `*.yaml`, `Service shop/*`: `*` matches within a path segment, `**` across segments; ignores a leading `./`. */
export function globMatches(glob: string, text: string): boolean {
  const source = glob.replace(/^\.\//, '').replaceAll(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, token => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
  return new RegExp(`^(?:.*/)?${source}$`).test(text.replace(/^\.\//, ''));
}
