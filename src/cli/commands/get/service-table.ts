import type { Service } from '../../../kube/index.ts';
import { type Route, routeState } from '../../../routing/index.ts';
import { columns } from '../../columns.ts';

/** Services as `kubectl get services` lists them, with the states of their routes. */
export function serviceTable(services: readonly Service[], routes: readonly Route[], showHeaders: boolean): string {
  const rows = services.map(service => {
    const own = routes.filter(route => route.name === service.meta.name && route.namespace === service.meta.namespace);
    const states = [...new Set(own.map(route => routeState(route).state))].join(',');
    return [
      service.meta.namespace,
      service.meta.name,
      service.type,
      clusterIP(service),
      external(service),
      service.ports.map(p => `${p.port}${p.nodePort === undefined ? '' : `:${p.nodePort}`}/${p.protocol}`).join(','),
      states,
    ];
  });
  const headers = ['NAMESPACE', 'NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'STATE'];
  return columns(headers, rows, showHeaders);
}

function clusterIP(service: Service): string {
  if (service.headless) return 'None';
  return service.clusterIPs.join(',') || (service.type === 'ExternalName' ? '<none>' : '<unset>');
}

function external(service: Service): string {
  if (service.type === 'ExternalName') return service.externalName ?? '';
  const ingress = service.loadBalancerIngress.map(i => i.ip ?? i.hostname ?? '');
  const all = [...ingress, ...service.externalIPs];
  return all.join(',') || (service.type === 'LoadBalancer' ? '<pending>' : '<none>');
}
