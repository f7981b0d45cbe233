/** One source of `hosts:` in nsswitch.conf(5), with the actions after it: `[NOTFOUND=return]`. */
export interface NameSource {
  readonly name: string;
  readonly actions: string;
}

/** glibc's default, if there is no file or no such line. */
const DEFAULT_SOURCES: readonly NameSource[] = [
  { name: 'files', actions: '' },
  { name: 'dns', actions: '' },
];

/** The sources of host names, in order. musl has no such file and always uses the default. */
export function parseHostsSources(text: string | undefined): readonly NameSource[] {
  const line = text?.split('\n').find(each => /^\s*hosts\s*:/.test(each));
  if (line === undefined) return DEFAULT_SOURCES;
  const words = line.replace(/^[^:]*:/, '').replace(/#.*/, '');
  return [...words.matchAll(/([^\s[\]]+)\s*(\[[^\]]*\])?/g)].map(([, name = '', actions = '']) => ({ name, actions }));
}
