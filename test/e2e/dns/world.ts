/**
 * The Services of the DNS tests: one for every row of the specification, and for what it leaves open.
 *
 * @module
 */

function service(name: string, spec: string, meta = ''): string {
  const [namespace, own] = name.split('/');
  return `apiVersion: v1
kind: Service
metadata: { name: ${own}, namespace: ${namespace}${meta} }
spec: ${spec}
---
`;
}

function slice(service: string, part: string, ports: string, endpoints: string, family = 'IPv4'): string {
  const [namespace, own] = service.split('/');
  return `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${own}-${part}, namespace: ${namespace}, labels: { kubernetes.io/service-name: ${own} } }
addressType: ${family}
ports: ${ports}
endpoints: ${endpoints}
---
`;
}

function pod(name: string, ips: string, more: { ready?: boolean; phase?: string; spec?: string } = {}): string {
  const [namespace, own] = name.split('/');
  const addresses = ips === '' ? [] : ips.split(' ');
  return `apiVersion: v1
kind: Pod
metadata: { name: ${own}, namespace: ${namespace}, labels: { app: ${own?.replace(/-\d+$/, '')} } }
spec: { containers: [{ name: main, image: none, ports: [{ name: sql, containerPort: ${own?.endsWith('1') ? 3307 : 3306} }] }]${more.spec ?? ''} }
status:
  phase: ${more.phase ?? 'Running'}
  podIP: "${addresses[0] ?? ''}"
  podIPs: [${addresses.map(ip => `{ ip: "${ip}" }`).join(', ')}]
  conditions: [{ type: Ready, status: "${(more.ready ?? true) ? 'True' : 'False'}" }]
---
`;
}

const HTTP = '{ name: http, port: 80, targetPort: 8080 }';
const HTTP_SLICE = '[{ name: http, port: 8080 }]';
const DUAL = 'ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv4, IPv6]';

const CLUSTER_IP = [
  service('default/web', `{ clusterIP: 10.96.0.10, ports: [${HTTP}, { name: https, port: 443, targetPort: 8443 }] }`),
  slice(
    'default/web',
    'a',
    '[{ name: http, port: 8080 }, { name: https, port: 8443 }]',
    '[{ addresses: [10.1.0.1], targetRef: { kind: Pod, name: web-a, namespace: default } }, { addresses: [10.1.0.2], conditions: { ready: false } }, { addresses: [10.1.0.3], hostname: blue }]',
  ),
  service('default/six', `{ clusterIP: "fd00:10:96::6", ipFamilies: [IPv6], ports: [${HTTP}] }`),
  slice('default/six', 'a', HTTP_SLICE, '[{ addresses: ["fd00:1:96::1"] }]', 'IPv6'),
  service(
    'default/dual',
    `{ clusterIP: 10.96.0.20, clusterIPs: [10.96.0.20, "fd00:10:96::20"], ${DUAL}, ports: [${HTTP}] }`,
  ),
  service('default/lonely', `{ clusterIP: 10.96.0.25, ports: [${HTTP}] }`),
  service('default/unnamed', '{ clusterIP: 10.96.0.30, ports: [{ port: 8080 }] }'),
  service(
    'default/names',
    '{ clusterIP: 10.96.0.40, ports: [{ name: dns, port: 53, protocol: UDP }, { name: dns-tcp, port: 53 }] }',
  ),
  service('default/node', `{ type: NodePort, clusterIP: 10.96.0.50, ports: [${HTTP}] }`),
  service('default/front', `{ type: LoadBalancer, clusterIP: 10.96.0.60, ports: [${HTTP}] }`),
  service('default/sigtran', '{ clusterIP: 10.96.0.70, ports: [{ name: m3ua, port: 2905, protocol: SCTP }] }'),
  service('default/unplaced', `{ ports: [${HTTP}] }`),
  service(
    'default/foreign',
    `{ clusterIP: 10.96.0.80, ports: [${HTTP}] }`,
    ', labels: { service.kubernetes.io/service-proxy-name: other }',
  ),
];

const HEADLESS = [
  service('data/db', '{ clusterIP: None, ports: [{ name: pg, port: 5432, targetPort: 5433 }] }'),
  slice(
    'data/db',
    'a',
    '[{ name: pg, port: 5433 }]',
    '[{ addresses: [10.1.1.1], hostname: db-0 }, { addresses: [10.1.1.2], hostname: db-1 }, { addresses: [10.1.1.4], conditions: { ready: false }, hostname: db-2 }]',
  ),
  slice(
    'data/db',
    'b',
    '[{ name: pg, port: 5433 }]',
    '[{ addresses: [10.1.1.3] }, { addresses: [10.1.1.1], hostname: db-0 }]',
  ),
  slice(
    'data/db',
    'c',
    '[{ name: pg, port: 5433 }]',
    '[{ addresses: ["2001:db8::1"], hostname: db-0 }, { addresses: ["2001:db8::"] }]',
    'IPv6',
  ),
  slice('data/db', 'd', '[{ name: pg, port: 5433 }]', '[{ addresses: [db.example.org] }]', 'FQDN'),
  service('data/six-only', `{ clusterIP: None, ${DUAL}, ports: [${HTTP}] }`),
  slice('data/six-only', 'a', HTTP_SLICE, '[{ addresses: [10.1.2.1], conditions: { ready: false } }]'),
  slice('data/six-only', 'b', HTTP_SLICE, '[{ addresses: ["fd00:1:2::1"] }]', 'IPv6'),
  service('data/down', `{ clusterIP: None, ports: [${HTTP}] }`),
  slice('data/down', 'a', HTTP_SLICE, '[{ addresses: [10.1.3.1], conditions: { ready: false }, hostname: down-0 }]'),
  service('data/void', `{ clusterIP: None, ports: [${HTTP}] }`),
  service('data/shared', `{ clusterIP: None, ports: [${HTTP}] }`),
  slice(
    'data/shared',
    'a',
    HTTP_SLICE,
    '[{ addresses: [10.1.4.1], hostname: pair }, { addresses: [10.1.4.2], hostname: pair }, { addresses: [10.1.4.3] }, { addresses: [10.1.4.4] }, { addresses: [10.1.4.5] }, { addresses: [10.1.4.6] }]',
  ),
  service('data/portless', '{ clusterIP: None }'),
  slice('data/portless', 'a', '[]', '[{ addresses: [10.1.5.1] }]'),
  service('data/several', `{ clusterIP: None, ports: [${HTTP}, { name: admin, port: 81 }] }`),
  slice(
    'data/several',
    'a',
    '[{ name: http, port: 8080 }, { name: admin, port: 8081 }]',
    '[{ addresses: [10.1.6.1], hostname: one }]',
  ),
  slice('data/several', 'b', '[{ name: http, port: 9090 }]', '[{ addresses: [10.1.6.2], hostname: two }]'),
  service('data/nameless', '{ clusterIP: None, ports: [{ port: 7000 }] }'),
  slice('data/nameless', 'a', '[{ name: "", port: 7001 }]', '[{ addresses: [10.1.7.1] }]'),
  service('data/any-port', `{ clusterIP: None, ports: [${HTTP}] }`),
  slice('data/any-port', 'a', '[{ name: http }]', '[{ addresses: [10.1.8.1] }]'),
  service('data/twice', `{ clusterIP: None, ports: [${HTTP}] }`),
  slice('data/twice', 'a', HTTP_SLICE, '[{ addresses: [10.1.1.1] }]'),
];

/** A database with pods and their status, from which slices are made. */
const STATEFUL = [
  service(
    'sql/mysql',
    '{ clusterIP: None, selector: { app: mysql }, ports: [{ name: sql, port: 3306, targetPort: sql }] }',
  ),
  service(
    'sql/mysql-read',
    '{ clusterIP: 10.96.1.10, selector: { app: mysql }, ports: [{ name: sql, port: 3306, targetPort: sql }] }',
  ),
  service(
    'sql/peers',
    '{ clusterIP: None, selector: { app: mysql }, publishNotReadyAddresses: true, ports: [{ name: sql, port: 3306, targetPort: sql }] }',
  ),
  service(
    'sql/old-peers',
    '{ clusterIP: None, selector: { app: mysql }, ports: [{ name: sql, port: 3306, targetPort: sql }] }',
    ', annotations: { service.alpha.kubernetes.io/tolerate-unready-endpoints: "true" }',
  ),
  pod('sql/mysql-0', '10.2.0.10', { spec: ', hostname: mysql-0, subdomain: mysql' }),
  pod('sql/mysql-1', '10.2.0.11', { spec: ', hostname: mysql-1, subdomain: mysql' }),
  pod('sql/mysql-2', '10.2.0.12', { spec: ', hostname: mysql-2, subdomain: mysql', ready: false }),
];

const ALIASES = [
  service('default/out', '{ type: ExternalName, externalName: www.example.org }'),
  service('default/dotted', '{ type: ExternalName, externalName: www.example.org. }'),
  service('default/short', '{ type: ExternalName, externalName: db }'),
  service('default/literal', '{ type: ExternalName, externalName: 192.0.2.1 }'),
  service(
    'default/alias',
    '{ type: ExternalName, externalName: web.default.svc.cluster.local, ports: [{ name: http, port: 80 }] }',
  ),
  service('default/chain', '{ type: ExternalName, externalName: alias.default.svc.cluster.local }'),
  service('default/to-db', '{ type: ExternalName, externalName: db-0.db.data.svc.cluster.local }'),
  service('default/to-six', '{ type: ExternalName, externalName: six.default.svc.cluster.local }'),
  service('default/to-missing', '{ type: ExternalName, externalName: missing.default.svc.cluster.local }'),
  service('default/to-localhost', '{ type: ExternalName, externalName: localhost }'),
  service('default/self', '{ type: ExternalName, externalName: self.default.svc.cluster.local }'),
  service('default/ring-a', '{ type: ExternalName, externalName: ring-b.default.svc.cluster.local }'),
  service('default/ring-b', '{ type: ExternalName, externalName: ring-a.default.svc.cluster.local }'),
  service('default/into-ring', '{ type: ExternalName, externalName: ring-a.default.svc.cluster.local }'),
  ...Array.from({ length: 12 }, (_, i) =>
    service(`links/link-${i}`, `{ type: ExternalName, externalName: link-${i + 1}.links.svc.cluster.local }`),
  ),
  service('links/link-12', `{ clusterIP: 10.96.2.12, ports: [${HTTP}] }`),
];

const PODS = [
  pod('apps/plain', '10.2.1.5 2001:db8:2::5'),
  pod('apps/host', '192.168.7.7', { spec: ', hostNetwork: true' }),
  pod('apps/finished', '10.2.1.6', { phase: 'Succeeded', ready: false }),
  pod('apps/waiting', '', { phase: 'Pending', ready: false }),
];

const NAMESPACES = ['apiVersion: v1\nkind: Namespace\nmetadata: { name: bare }\n---\n'];

export const WORLD = [...CLUSTER_IP, ...HEADLESS, ...STATEFUL, ...ALIASES, ...PODS, ...NAMESPACES].join('');
