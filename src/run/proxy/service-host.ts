/** What a host name of a client means: a Service, or one endpoint of it by its name. */
export interface ServiceHost {
  readonly namespace: string;
  readonly service: string;
  /** The endpoint's name, of a StatefulSet's pod for example. */
  readonly endpoint?: string;
}

/**
 * Reads a host name as the search list of a pod would: `web`, `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local`,
 * each with an endpoint's name before it, and with `.localhost` behind it if that is what the client can resolve.
 *
 * @returns what it may mean, in the order of the search list; the first that exists is meant
 */
export function serviceHosts(
  host: string,
  search: { readonly namespace: string; readonly domain: string },
): readonly ServiceHost[] {
  const { namespace, domain } = search;
  const name = host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/\.localhost$/, '');
  const suffixes = host.endsWith('.') ? [''] : [`.${namespace}.svc.${domain}`, `.svc.${domain}`, `.${domain}`, ''];
  return suffixes.flatMap(suffix => absolute(`${name}${suffix}`, domain) ?? []);
}

function absolute(name: string, domain: string): ServiceHost | undefined {
  const zone = `.svc.${domain}`;
  if (!name.endsWith(zone)) return undefined;
  const labels = name.slice(0, -zone.length).split('.');
  const [namespace, service, endpoint, ...more] = labels.reverse();
  if (namespace === undefined || service === undefined || more.length > 0) return undefined;
  return { namespace, service, ...(endpoint === undefined ? {} : { endpoint }) };
}
