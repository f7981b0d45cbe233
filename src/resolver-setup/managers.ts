/**
 * Parsers for the files and the output of programs that manage a system's resolver.
 *
 * @module
 */

/** A file that was read, with its path in the system. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** A file that sets servers of systemd-resolved's global scope. */
export interface GlobalServers {
  readonly path: string;
  readonly servers: string;
}

/** `DNS=` of resolved.conf and its drop-ins: values accumulate, and an empty one resets the list. */
export function dropIns(files: readonly TextFile[]): GlobalServers[] {
  let found: GlobalServers[] = [];
  for (const { path, text } of files) {
    for (const [, servers = ''] of text.matchAll(/^[ \t]*DNS[ \t]*=[ \t]*(.*?)[ \t]*$/gm)) {
      found = servers === '' ? [] : [...found, { path, servers }];
    }
  }
  return found;
}

/** A single-word setting of resolved.conf: the last one wins. */
export function lastSetting(files: readonly TextFile[], name: string): string | undefined {
  const pattern = new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(\\S+)[ \\t]*$`, 'gm');
  return files.flatMap(({ text }) => [...text.matchAll(pattern)].map(match => match[1] ?? '')).at(-1);
}

/** The values that systemd reads as yes (systemd.syntax(7)). */
export function isYes(word: string | undefined): boolean {
  return /^(1|yes|y|true|t|on)$/i.test(word ?? '');
}

/** `dns=` in [main] of NetworkManager's files; the last one wins. */
export function mainDns(files: readonly TextFile[]): string | undefined {
  let section = '';
  let value: string | undefined;
  for (const line of files.flatMap(({ text }) => text.split('\n'))) {
    section = /^\s*\[([^\]]+)\]/.exec(line)?.[1] ?? section;
    if (section === 'main') value = /^\s*dns\s*=\s*(\S+)/.exec(line)?.[1] ?? value;
  }
  return value;
}

/** `systemd 252 (252.39-1)` */
export function systemdVersion(text: string): number | undefined {
  const version = /^systemd (\d+)/m.exec(text)?.[1];
  return version === undefined ? undefined : Number(version);
}

/** The settings of systemd-resolved for one interface. */
export interface ResolvedLink {
  readonly name: string;
  readonly servers: readonly string[];
  /** `~` marks routing-only domains; `~.` routes all names that no other link has. */
  readonly domains: readonly string[];
}

/** Parses the output of `resolvectl dns` and `resolvectl domain`: `Link 2 (eth0): 10.0.0.1`; wrapped lines are indented. */
export function resolvectlLinks(dns: string, domain: string): ResolvedLink[] {
  const servers = linkWords(dns);
  const domains = linkWords(domain);
  return [...new Set([...servers.keys(), ...domains.keys()])].map(name => ({
    name,
    servers: servers.get(name) ?? [],
    domains: domains.get(name) ?? [],
  }));
}

function linkWords(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let name: string | undefined;
  for (const line of text.split('\n')) {
    const head = /^(?:Link \d+ \(([^)]+)\)|Global):(.*)$/.exec(line);
    if (head !== null) name = head[1];
    if (name === undefined) continue;
    const words = (head === null ? line : (head[2] ?? '')).split(/\s+/).filter(word => word !== '');
    found.set(name, [...(found.get(name) ?? []), ...words]);
  }
  return found;
}
