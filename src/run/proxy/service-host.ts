/** A host name that may refer to a Service, or to an endpoint of it by name. */
export interface ServiceHost {
  readonly namespace: string;
  readonly service: string;
  /** The name of the endpoint, for example of a StatefulSet's pod. */
  readonly endpoint?: string;
}

/**
 * Expands a host name like the search list of a pod: `web`, `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local`,
 * each optionally with the name of an endpoint in front and `.localhost` at the end, for clients that resolve only that.
 *
 * @returns the candidates in the order of the search list; the first that exists wins
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
