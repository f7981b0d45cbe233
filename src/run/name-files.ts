/** What libc of the command reads to resolve names, in place of the system's own files. */
export interface NameFiles {
  /** Text of /etc/resolv.conf. */
  readonly resolvConf: string;
  /** Text of /etc/nsswitch.conf; undefined where the system has none (musl). */
  readonly nsswitch: string | undefined;
}

/**
 * The files as a pod has them: one name server, the search list of its namespace, and `ndots:5`, so that `web`,
 * `web.shop` and `web.shop.svc` are tried below the cluster domain first.
 *
 * @param server address of the DNS server, which has to be at port 53: resolv.conf knows no other
 * @param nsswitch the system's own text; only its line for hosts is replaced
 */
export function nameFiles(
  server: string,
  search: { readonly namespace: string; readonly domain: string },
  nsswitch: string | undefined,
): NameFiles {
  const { namespace, domain } = search;
  const resolvConf = [
    '# Made by switchboard run, for its command only.',
    `nameserver ${server}`,
    `search ${namespace}.svc.${domain} svc.${domain} ${domain}`,
    'options ndots:5',
    '',
  ].join('\n');
  return { resolvConf, nsswitch: nsswitch === undefined ? undefined : withHosts(nsswitch) };
}

/** Modules such as mdns4_minimal or resolve answer before `dns` is asked, and know nothing of our names. */
const HOSTS = 'hosts: files dns';

function withHosts(text: string): string {
  const others = text.split('\n').filter(line => !/^\s*hosts\s*:/.test(line));
  return [HOSTS, ...others].join('\n');
}
