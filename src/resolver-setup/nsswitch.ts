/** One source of `hosts:` in nsswitch.conf(5), with what is done after it: `[NOTFOUND=return]`. */
export interface NameSource {
  readonly name: string;
  readonly actions: string;
}

/** glibc's own order where there is no file or no such line. */
const DEFAULT_SOURCES: readonly NameSource[] = [
  { name: 'files', actions: '' },
  { name: 'dns', actions: '' },
];

/** Where names of hosts are looked up, in order. musl has no such file, and always does what the default says. */
export function parseHostsSources(text: string | undefined): readonly NameSource[] {
  const line = text?.split('\n').find(each => /^\s*hosts\s*:/.test(each));
  if (line === undefined) return DEFAULT_SOURCES;
  const words = line.replace(/^[^:]*:/, '').replace(/#.*/, '');
  return [...words.matchAll(/([^\s[\]]+)\s*(\[[^\]]*\])?/g)].map(([, name = '', actions = '']) => ({ name, actions }));
}
