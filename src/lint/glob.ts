/** `charts/**`, `*.yaml`, `Service shop/*`: `*` stays within a part, `**` crosses them; `./` in front is nothing. */
export function globMatches(glob: string, text: string): boolean {
  const source = glob.replace(/^\.\//, '').replaceAll(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, token => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
  return new RegExp(`^(?:.*/)?${source}$`).test(text.replace(/^\.\//, ''));
}
