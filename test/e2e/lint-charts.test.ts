/** Manifests shaped like well-known applications: no false alarms, and every injected fault is found. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../src/kube/manifest/index.ts';
import { type Finding, lint } from '../../src/lint/index.ts';

const CHARTS = join(import.meta.dirname, 'charts');
const NAMES = readdirSync(CHARTS).map(name => name.replace('.yaml', ''));

function chart(name: string): string {
  return readFileSync(join(CHARTS, `${name}.yaml`), 'utf8');
}

function strong(text: string, complete = false): string[] {
  const manifest = parseManifest(text, { primaryFamily: 'IPv4', defaultNamespace: 'default', keepValues: true });
  const found = lint([{ file: 'chart.yaml', text, manifest }], { defaultNamespace: 'default', complete });
  return found.filter(finding => finding.confidence !== 'hint').map(summary);
}

const summary = (finding: Finding) =>
  `${finding.rule} ${finding.kind} ${finding.name} ${finding.field}: ${finding.message}`;

describe('unchanged', () => {
  test.each(NAMES)('%s has no certain or likely finding', name => {
    expect(strong(chart(name))).toEqual([]);
  });

  test.each(NAMES)('%s has none with --complete', name => {
    // Grafana's data source belongs to another release.
    expect(strong(chart(name), true).filter(text => !text.includes('prometheus-server'))).toEqual([]);
  });

  test('all of them together have none', () => {
    expect(strong(NAMES.map(chart).join('\n---\n'))).toEqual([]);
  });
});

describe('with one injected fault', () => {
  const faults: [name: string, from: string | RegExp, to: string, rule: string][] = [
    ['ingress-nginx', 'targetPort: webhook', 'targetPort: webhok', 'R10'],
    ['ingress-nginx', 'targetPort: https,', 'targetPort: "443",', 'R18'],
    ['ingress-nginx', ', add: [NET_BIND_SERVICE]', '', 'R43'],
    ['ingress-nginx', 'port: 443,\n          path', 'port: 8443,\n          path', 'R72'],
    ['ingress-nginx', '{ protocol: TCP, port: 8443 }', '{ protocol: TCP, port: 9443 }', 'R76'],
    [
      'ingress-nginx',
      'readinessProbe: { httpGet: { path: /healthz, port: 10254',
      'readinessProbe: { httpGet: { path: /healthz, port: metrics',
      'R32',
    ],
    [
      'ingress-nginx',
      'name: ingress-nginx-controller-admission,\n          namespace',
      'name: ingress-nginx-controler-admission,\n          namespace',
      'R72',
    ],
    ['postgresql', 'component: primary }\n  ports:', 'component: primry }\n  ports:', 'R02'],
    ['postgresql', 'serviceName: pg-postgresql-hl', 'serviceName: pg-postgresql', 'R52'],
    ['postgresql', '- { port: http-metrics }', '- { port: metrics }', 'R72'],
    ['postgresql', '[{ port: 5432 }, { port: 9187 }]', '[{ port: 5432 }]', 'R76'],
    ['postgresql', /clusterIP: None([\s\S]*?)port: 5432/, 'clusterIP: None$1port: 5433', 'R24'],
    [
      'postgresql',
      '{ name: http-metrics, containerPort: 9187 }',
      '{ name: tcp-postgresql, containerPort: 9187 }',
      'R25',
    ],
    ['redis', '{ name: redis, containerPort: 6379 }', '{ name: redis, containerPort: 6379, protocol: UDP }', 'R12'],
    [
      'redis',
      'port: 6379, targetPort: redis',
      'port: 6379, targetPort: redis }\n    - { name: tcp-redis, port: 6379, targetPort: redis',
      'R21',
    ],
    [
      'redis',
      'startupProbe: { tcpSocket: { port: redis } }',
      'startupProbe: { tcpSocket: { port: tcp-redis } }',
      'R32',
    ],
    ['redis', 'component: replica }\n  ports:', 'component: replica, controller-revision-hash: x1 }\n  ports:', 'R07'],
    ['redis', 'replicas: 3', 'replicas: 0', 'R38'],
    ['prometheus-stack', 'endpoints: [{ port: http, ', 'endpoints: [{ port: "8080", ', 'R72'],
    ['prometheus-stack', '--port=8080', '--port=8888', 'R45'],
    ['prometheus-stack', '--web.listen-address=:10250', '--web.listen-address=127.0.0.1:10250', 'R46'],
    [
      'prometheus-stack',
      'selector: { app: mon-operator, release: mon }',
      'selector: { app: mon-operator, releases: mon }',
      'R02',
    ],
    [
      'kafka',
      '{ name: client, containerPort: 9092 }\n            - { name: interbroker, containerPort: 9094 }\n          readinessProbe: { tcpSocket: { port: client',
      '{ name: clients, containerPort: 9092 }\n            - { name: interbroker, containerPort: 9094 }\n          readinessProbe: { tcpSocket: { port: clients',
      'R11',
    ],
    ['kafka', 'value: "kafka:9092"', 'value: "kafka:9093"', 'R58'],
    ['kafka', 'value: "kafka:9092"', 'value: "kafak:9092"', 'R51'],
    ['kafka', 'metadata: { name: kafka, namespace: events }', 'metadata: { name: kafka, namespace: event }', 'R03'],
    ['argo-cd', 'port: 8082, protocol: TCP, targetPort: 8082 }', 'port: 8082, protocol: TCP, targetPort: 80 }', 'R17'],
    ['argo-cd', 'port: 6379, targetPort: 6379 }', 'port: 16379 }', 'R16'],
    ['argo-cd', 'name: argocd-server, port: { name: https }', 'name: argocd-server, port: { number: 8080 }', 'R61'],
    ['argo-cd', 'name: argocd-server, port: { name: https }', 'name: argocd-srever, port: { name: https }', 'R60'],
    [
      'argo-cd',
      'selector: { app.kubernetes.io/name: argocd-dex-server }',
      'selector: { app: argocd-dex-server }',
      'R02',
    ],
    ['argo-cd', '"argocd-redis:6379"', '"argocd-redis:6380"', 'R58'],
    ['grafana', 'targetPort: grafana', 'targetPort: http', 'R10'],
    ['grafana', '- { name: grafana, containerPort: 3000 }', '- { name: Grafana, containerPort: 3000 }', 'R19'],
    ['grafana', 'port: { number: 80 }', 'port: { number: 3000 }', 'R61'],
  ];
  test.each(faults)('%s: %s -> %s is %s', (name, from, to, rule) => {
    const before = chart(name);
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    const rules = strong(after).map(text => text.slice(0, 3));
    expect(rules, strong(after).join('\n')).toContain(rule);
  });
});
