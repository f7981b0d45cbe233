import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../kube/manifest/index.ts';
import type { Finding } from './finding.ts';
import { lint } from './lint.ts';

function run(text: string, complete = false): Finding[] {
  const manifest = parseManifest(text, { primaryFamily: 'IPv4', defaultNamespace: 'default', keepValues: true });
  return lint([{ file: 'x.yaml', text, manifest }], { defaultNamespace: 'default', complete });
}

const strong = (text: string, complete = false) =>
  run(text, complete)
    .filter(finding => finding.confidence !== 'hint')
    .map(finding => `${finding.rule} ${finding.kind} ${finding.name} ${finding.field}: ${finding.message}`);

function service(spec: string, name = 'web'): string {
  return `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ${spec} }\n---\n`;
}

interface Shape {
  readonly kind?: string;
  readonly labels?: string;
  readonly ports?: string;
  readonly container?: string;
  readonly spec?: string;
  readonly top?: string;
}

function workload(name: string, shape: Shape = {}): string {
  const { kind = 'Deployment', labels = 'app: web', ports = '[{ name: http, containerPort: 8080 }]' } = shape;
  const container = `{ name: main, image: registry.example/app, ports: ${ports}${shape.container === undefined ? '' : `, ${shape.container}`} }`;
  return `apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, uid: ${name}-uid }
spec:
  ${shape.top ?? ''}
  selector: { matchLabels: { ${labels} } }
  template:
    metadata: { labels: { ${labels} } }
    spec:
      ${shape.spec ?? ''}
      containers: [${container}]
---
`;
}

const WEB = service('selector: { app: web }, ports: [{ port: 80, targetPort: http }]');

describe('has no certain or likely finding for legal manifests:', () => {
  const cases: [name: string, text: string][] = [
    ['80 to 8080', service('selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }]') + workload('web')],
    [
      'a number nobody declares',
      service('selector: { app: web }, ports: [{ port: 80, targetPort: 3000 }]') + workload('web'),
    ],
    [
      'pods that declare no ports',
      service('selector: { app: web }, ports: [{ port: 80 }]') + workload('web', { ports: '[]' }),
    ],
    ['a Service without a selector', service('ports: [{ port: 80 }]')],
    ['a Service with an empty selector', service('selector: {}, ports: [{ port: 80 }]') + workload('web')],
    ['an ExternalName', service('type: ExternalName, externalName: db.example.com')],
    [
      'an ExternalName with a selector left over',
      service('type: ExternalName, externalName: db.example.com, selector: { app: x }'),
    ],
    [
      'an ExternalName that lists its port',
      service('type: ExternalName, externalName: db.example.com, ports: [{ port: 443 }]'),
    ],
    ['a headless Service without ports', service('clusterIP: None, selector: { app: web }') + workload('web')],
    [
      'TCP and UDP on one number',
      service('selector: { app: web }, ports: [{ name: dns, port: 53, protocol: UDP }, { name: dns-tcp, port: 53 }]') +
        workload('web', {
          ports: '[{ name: dns, containerPort: 53, protocol: UDP }, { name: dns-tcp, containerPort: 53 }]',
        }),
    ],
    [
      'one name for two protocols',
      service(
        'selector: { app: web }, ports: [{ name: u, port: 53, protocol: UDP, targetPort: dns-udp }, { name: t, port: 53, targetPort: dns }]',
      ) +
        workload('web', {
          ports: '[{ name: dns-udp, containerPort: 53, protocol: UDP }, { name: dns, containerPort: 53 }]',
        }),
    ],
    [
      'a port name on a sidecar',
      service('selector: { app: web }, ports: [{ port: 80, targetPort: proxy }]') +
        workload('web', {
          spec: 'initContainers: [{ name: proxy, image: p, restartPolicy: Always, ports: [{ name: proxy, containerPort: 15001 }] }]',
        }),
    ],
    [
      'several versions behind one Service',
      WEB + workload('web-1', { labels: 'app: web, v: "1"' }) + workload('web-2', { labels: 'app: web, v: "2"' }),
    ],
    [
      'a migration Job with the same labels that declares no such port',
      `${WEB}${workload('web')}apiVersion: batch/v1\nkind: Job\nmetadata: { name: migrate }\nspec: { template: { metadata: { labels: { app: web } }, spec: { restartPolicy: Never, containers: [{ name: m, image: m }] } } }\n`,
    ],
    [
      'pods of a custom workload',
      `${WEB}apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: { name: web }\nspec: { template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: m, image: m, ports: [{ name: http, containerPort: 80 }] }] } } }\n`,
    ],
    [
      'pods that an operator makes',
      `${WEB}${workload('operator', { labels: 'app: operator' })}apiVersion: example.com/v1\nkind: WebCluster\nmetadata: { name: web }\n`,
    ],
    ['Services alone', WEB + service('selector: { app: db }, ports: [{ port: 5432 }]', 'db')],
    [
      'manually written endpoints beside a selector that matches nothing',
      `${WEB.replace('80,', '80, name: http,')}apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: web-1, labels: { kubernetes.io/service-name: web } }\naddressType: IPv4\nports: [{ name: http, port: 80 }]\nendpoints: [{ addresses: [192.0.2.1] }]\n`,
    ],
    [
      'a slice of another controller',
      'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: web-1, labels: { endpointslice.kubernetes.io/managed-by: mesh.example.com } }\naddressType: IPv4\nports: [{ port: 80 }]\nendpoints: [{ addresses: [192.0.2.1] }]\n',
    ],
    [
      'a client of a URL outside, of localhost, of an alias in its hosts file',
      WEB +
        workload('web', {
          spec: 'hostAliases: [{ ip: 192.0.2.1, hostnames: [wbe] }]',
          container:
            'env: [{ name: A_URL, value: "https://example.com:8443/x" }, { name: B_URL, value: "http://localhost:9" }, { name: C_URL, value: "http://wbe" }]',
        }),
    ],
    [
      'an image in a variable',
      WEB + workload('web', { container: 'env: [{ name: SIDECAR_IMAGE, value: "web:1234" }]' }),
    ],
    [
      'a policy that allows everything',
      `${WEB}${workload('web')}apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: all }\nspec: { podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}] }\n`,
    ],
    [
      'two policies, of which one allows it',
      `${WEB}${workload('web')}${['{}', '{ matchLabels: { app: web } }'].map((selector, at) => `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: np-${at} }\nspec: { podSelector: ${selector}, ingress: [${at === 0 ? '' : '{ ports: [{ port: 8000, endPort: 9000 }] }'}] }\n`).join('---\n')}`,
    ],
    ['a StatefulSet whose Service is not shipped', workload('db', { kind: 'StatefulSet', top: 'serviceName: db' })],
    [
      'values of a chart and a kustomization',
      'replicaCount: 1\nservice: { port: 80 }\n---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml]\n',
    ],
  ];
  test.each(cases)('%s', (_name, text) => {
    expect(strong(text)).toEqual([]);
  });
});

describe('a snapshot of a cluster', () => {
  const pod = (name: string, port: string, more = '') => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: web, pod-template-hash: ${name.slice(4, 8)} }, ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: web-${name.slice(4, 8)}, uid: x, controller: true }] }
spec: { containers: [{ name: main, image: registry.example/app, ports: [{ name: ${port}, containerPort: 8080 }] }] }
status: { phase: Running, podIP: 10.0.0.${name.at(-1)}, conditions: [{ type: Ready, status: "True" }] ${more} }
---
`;
  const replicaSet = (hash: string) =>
    workload(`web-${hash}`, { kind: 'ReplicaSet', labels: `app: web, pod-template-hash: ${hash}` }).replace(
      `uid: web-${hash}-uid`,
      'ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: web, uid: u-1, controller: true }]',
    );

  test('has one finding for a workload, not one for each pod', () => {
    const text = `${WEB.replace('http', 'htttp')}${workload('web')}${replicaSet('aaaa')}${pod('web-aaaa-1', 'http')}${pod('web-aaaa-2', 'http')}`;
    expect(strong(text)).toHaveLength(1);
    expect(strong(text)[0]).toContain('on any pod of Deployment web.');
  });

  test('names the pods of an older template during a rollout', () => {
    const text = `${WEB}${workload('web')}${replicaSet('aaaa')}${replicaSet('bbbb')}${pod('web-aaaa-1', 'http')}${pod('web-bbbb-2', 'old')}`;
    expect(strong(text)).toEqual([expect.stringContaining('R11')]);
    expect(strong(text)[0]).toContain('1 pod (web-bbbb-2)');
  });

  test('ignores a finished pod beside running ones', () => {
    expect(
      strong(
        `${WEB}${workload('web')}${pod('web-aaaa-1', 'http')}${pod('web-aaaa-2', 'http').replace('Running', 'Failed')}`,
      ),
    ).toEqual([]);
  });
});

describe('objects that the API rejects', () => {
  test('are findings, but do not count as missing in other rules', () => {
    const ingress = `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\nspec: { defaultBackend: { service: { name: web, port: { number: 80 } } } }\n---\n`;
    const text = WEB.replace('port: 80', 'port: 0') + ingress + workload('web');
    expect(strong(text, true).map(line => line.slice(0, 3))).toEqual(['R00']);
    expect(strong(WEB + workload('web', { top: 'replicas: -1' }), true).map(line => line.slice(0, 3))).toEqual(['R00']);
  });
});

test('findings have the position of the fault, in Lists and after other documents', () => {
  const list = `kind: ConfigMap\napiVersion: v1\nmetadata: { name: a }\n---\napiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Service\n    metadata: { name: web }\n    spec:\n      selector: { app: web }\n      ports:\n        - port: 80\n          targetPort: htttp\n  - ${workload(
    'web',
  )
    .replace(/---\n$/, '')
    .replaceAll('\n', '\n    ')}\n`;
  expect(run(list).find(finding => finding.rule === 'R10')).toMatchObject({ line: 15, col: 11 });
});

test('finds the same in any order of the objects', () => {
  const parts = [
    WEB.replace('http', 'htttp'),
    workload('web'),
    service('selector: { app: x }, ports: [{ port: 1 }]', 'x'),
  ];
  const findingsOf = (order: string[]) => strong(order.join('')).sort();
  expect(findingsOf(parts.toReversed())).toEqual(findingsOf(parts));
});

describe('any value in objects of other kinds', () => {
  const KINDS: [apiVersion: string, kind: string][] = [
    ['networking.k8s.io/v1', 'Ingress'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
    ['gateway.networking.k8s.io/v1beta1', 'ReferenceGrant'],
    ['monitoring.coreos.com/v1', 'ServiceMonitor'],
    ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
    ['batch/v1', 'CronJob'],
    ['keda.sh/v1alpha1', 'ScaledObject'],
  ];
  const KEYS = [
    'spec',
    'rules',
    'http',
    'paths',
    'backend',
    'service',
    'name',
    'port',
    'number',
    'ingress',
    'egress',
    'from',
    'to',
    'ports',
    'podSelector',
    'matchLabels',
    'matchExpressions',
    'backendRefs',
    'endpoints',
    'template',
    'containers',
    'jobTemplate',
    'webhooks',
    'clientConfig',
    'scaleTargetRef',
  ];
  const value = fc.letrec(tie => ({
    any: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom(null, true, 80, -1, 'web', '', 'http'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...KEYS), tie('any'), { maxKeys: 4 }),
    ),
  })).any;

  test.each(KINDS)('%s %s: it never throws', (apiVersion, kind) => {
    fc.assert(
      fc.property(value, value, (spec, rest) => {
        const object = { apiVersion, kind, metadata: { name: 'x' }, spec, webhooks: rest };
        run(`${WEB}${workload('web')}${JSON.stringify(object)}`);
      }),
      { numRuns: 150 },
    );
  });
});
