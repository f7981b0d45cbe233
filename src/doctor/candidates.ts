/** How libc expands a name with the search list. */
export interface Expansion {
  readonly search: readonly string[];
  readonly ndots: number;
  readonly musl: boolean;
}

/**
 * The names that libc queries, in order (resolv.conf(5)). A name with enough dots is first tried as written; then glibc
 * tries the search list, and musl does not. A trailing dot disables the search list.
 */
export function candidates(name: string, { search, ndots, musl }: Expansion): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const dots = name.split('.').length - 1;
  const listed = search.filter(domain => domain !== '').map(domain => `${name}.${domain}`);
  if (dots < ndots) return [...listed, name];
  return musl ? [name] : [name, ...listed];
}

/** The full names of Services that a name may abbreviate, in the order of a pod's search list. */
export function serviceNames(
  name: string,
  { namespace, domain }: { readonly namespace: string; readonly domain: string },
): string[] {
  const bare = name.replace(/\.$/, '').toLowerCase();
  if (bare === domain || bare.endsWith(`.${domain}`)) return [bare];
  if (name.endsWith('.')) return [bare];
  return [`${bare}.${namespace}.svc.${domain}`, `${bare}.svc.${domain}`, `${bare}.${domain}`, bare];
}
