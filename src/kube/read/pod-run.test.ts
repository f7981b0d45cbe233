import { describe, expect, test } from 'vitest';
import type { Pod } from '../objects.ts';
import { type ReadOutcome, readObject } from './index.ts';

type Values = Record<string, unknown>;

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'default' } as const;

function read(container: Values, spec: Values = {}, meta: Values = {}, run = true): ReadOutcome {
  const containers = [{ name: 'web', image: 'web:1', ...container }];
  const metadata = { name: 'web', ...meta };
  return readObject({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec } }, { ...OPTIONS, run });
}

function pod(container: Values, spec: Values = {}, meta: Values = {}): Pod {
  const outcome = read(container, spec, meta);
  if (outcome.status === 'read' && outcome.object.kind === 'Pod') return outcome.object;
  throw new Error(JSON.stringify(outcome));
}

function fields(outcome: ReadOutcome): readonly string[] {
  return outcome.status === 'rejected' ? outcome.faults.map(({ field }) => field) : [];
}

test('defaults of a pod and its container', () => {
  const { spec } = pod({});
  expect(spec.run).toEqual({
    volumes: [],
    dnsPolicy: 'ClusterFirst',
    dnsConfig: { nameservers: [], searches: [], options: [] },
    hostAliases: [],
    setHostnameAsFQDN: false,
    imagePullSecrets: [],
    securityContext: { supplementalGroups: [], fsGroupChangePolicy: 'Always', sysctls: [] },
    shareProcessNamespace: false,
    hostPID: false,
    hostIPC: false,
    nodeSelector: {},
    unsupported: [],
  });
  expect(spec.containers[0]?.run).toEqual({
    imagePullPolicy: 'IfNotPresent',
    volumeMounts: [],
    limits: {},
    requests: {},
    securityContext: {
      privileged: false,
      readOnlyRootFilesystem: false,
      addCapabilities: [],
      dropCapabilities: [],
    },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
});

describe('without the option `run`', () => {
  const container = { volumeMounts: [{ name: 'gone', mountPath: '/data' }], resources: { limits: { cpu: 'x' } } };

  test('nothing of it is kept or validated', () => {
    const outcome = read(container, { volumes: 'x' }, {}, false);
    expect(outcome.status).toBe('read');
    expect(JSON.stringify(outcome)).not.toContain('"run"');
  });

  test('with it the same pod is rejected', () => {
    expect(fields(read(container))).toEqual([
      'spec.containers[0].volumeMounts[0].name',
      'spec.containers[0].resources.limits[cpu]',
    ]);
  });
});

test('an object from an API server is read, but not validated again', () => {
  const container = { volumeMounts: [{ name: 'gone', mountPath: '/data' }], resources: { limits: { cpu: 'new' } } };
  const { spec } = pod(container, { dnsPolicy: 'Newer', activeDeadlineSeconds: 0 }, { uid: '1' });
  expect(spec.containers[0]?.run?.volumeMounts).toMatchObject([{ name: 'gone', mountPath: '/data' }]);
});

test('volumes', () => {
  const volumes = [
    { name: 'scratch', emptyDir: { medium: 'Memory', sizeLimit: '65536Ki' } },
    { name: 'none' },
    {
      name: 'config',
      configMap: { name: 'shop', items: [{ key: 'a', path: 'b/c', mode: 0o600 }], defaultMode: 0o444 },
    },
    { name: 'secret', secret: { secretName: 'db', optional: true } },
    { name: 'host', hostPath: { path: '/srv', type: 'Directory' } },
    { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'disk', nfs: { server: 'a', path: '/b' } },
    {
      name: 'all',
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token' } },
          { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
        ],
      },
    },
  ];
  expect(pod({}, { volumes }).spec.run?.volumes).toEqual([
    { name: 'scratch', source: { kind: 'emptyDir', medium: 'Memory', sizeLimit: '64Mi' } },
    { name: 'none', source: { kind: 'emptyDir', medium: '' } },
    {
      name: 'config',
      source: {
        kind: 'configMap',
        name: 'shop',
        items: [{ key: 'a', path: 'b/c', mode: 0o600 }],
        defaultMode: 0o444,
        optional: false,
      },
    },
    { name: 'secret', source: { kind: 'secret', name: 'db', defaultMode: 0o644, optional: true } },
    { name: 'host', source: { kind: 'hostPath', path: '/srv', type: 'Directory' } },
    { name: 'data', source: { kind: 'persistentVolumeClaim', claimName: 'data', readOnly: false } },
    { name: 'disk', source: { kind: 'unsupported', type: 'nfs' } },
    {
      name: 'all',
      source: {
        kind: 'projected',
        defaultMode: 0o644,
        sources: [
          { kind: 'serviceAccountToken', path: 'token', expirationSeconds: 3600 },
          { kind: 'downwardAPI', items: [{ path: 'labels', kind: 'field', fieldPath: 'metadata.labels' }] },
        ],
      },
    },
  ]);
});

test('what is not supported is listed once each, by path', () => {
  const container = {
    restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }],
    restartPolicy: 'Never',
    securityContext: { seLinuxOptions: { level: 'a' }, procMount: 'Default' },
    livenessProbe: { grpc: { port: 1, mode: 'TLS' } },
  };
  const spec = {
    hostUsers: true,
    securityContext: { windowsOptions: {} },
    volumes: [
      { name: 'a', nfs: { server: 'a', path: '/b' } },
      { name: 'b', nfs: { server: 'a', path: '/b' } },
      { name: 'c', projected: { sources: [{ clusterTrustBundle: { name: 'a', path: 'b' } }] } },
    ],
    tolerations: [{ operator: 'Exists' }],
    affinity: {},
  };
  expect(pod(container, spec).spec.run?.unsupported).toEqual([
    'containers.livenessProbe.grpc.mode',
    'containers.restartPolicy',
    'containers.restartPolicyRules',
    'containers.securityContext.procMount',
    'containers.securityContext.seLinuxOptions',
    'hostUsers',
    'securityContext.windowsOptions',
    'volumes.nfs',
    'volumes.projected.clusterTrustBundle',
  ]);
});

test('what is not supported in an init container is listed as its own', () => {
  const init = {
    name: 'init',
    image: 'a',
    securityContext: { procMount: 'Default' },
    volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: 'IfPossible' }],
  };
  const { spec } = pod({}, { initContainers: [init], volumes: [{ name: 'v' }] });
  expect(spec.run?.unsupported).toEqual([
    'initContainers.securityContext.procMount',
    'initContainers.volumeMounts.recursiveReadOnly',
  ]);
});

test('a sidecar is supported, and its hooks are read', () => {
  const initContainers = [
    { name: 'proxy', image: 'a', restartPolicy: 'Always', lifecycle: { preStop: { sleep: { seconds: 5 } } } },
  ];
  const { spec } = pod({}, { initContainers });
  expect(spec.run?.unsupported).toEqual([]);
  expect(spec.initContainers[0]?.run).toMatchObject({ preStop: { kind: 'sleep', seconds: 5 } });
});

describe('a container', () => {
  test('limits count as requests where there are none', () => {
    const resources = { limits: { cpu: 0.5, memory: '64Mi' }, requests: { cpu: '100m' } };
    expect(pod({ resources }).spec.containers[0]?.run).toMatchObject({
      limits: { cpu: '500m', memory: '64Mi' },
      requests: { cpu: '100m', memory: '64Mi' },
    });
  });

  test('hooks, signals, and the address of a host port', () => {
    const container = pod(
      {
        lifecycle: { postStart: { exec: { command: ['warm'] } }, stopSignal: 'SIGUSR1' },
        ports: [{ containerPort: 80, hostPort: 8080, hostIP: '127.0.0.2' }],
      },
      { os: { name: 'linux' } },
    ).spec.containers[0];
    expect(container).toMatchObject({
      ports: [{ hostIP: '127.0.0.2' }],
      run: { postStart: { kind: 'exec', command: ['warm'] }, stopSignal: 'SIGUSR1' },
    });
  });

  test('files of variables need an emptyDir', () => {
    const env = [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'a.env', key: 'A' } } }];
    expect(fields(read({ env }))).toEqual(['spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName']);
    expect(pod({ env }, { volumes: [{ name: 'v' }] }).spec.containers[0]?.env[0]?.source).toEqual({
      kind: 'file',
      volumeName: 'v',
      path: 'a.env',
      key: 'A',
      optional: false,
    });
  });
});

test.each<[string, Values, Values, string, RegExp]>([
  [
    'a mount of a volume that the pod lacks',
    { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    {},
    'volumeMounts[0].name',
    /no volume named "v"/,
  ],
  [
    'a request above its limit',
    { resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } },
    {},
    'resources.requests',
    /more than the limit/,
  ],
  [
    'a number with a wrong suffix',
    { resources: { limits: { memory: '64MB' } } },
    {},
    'resources.limits[memory]',
    /not a quantity/,
  ],
])('rejects %s', (_what, container, spec, field, why) => {
  const outcome = read(container, spec);
  expect(outcome).toMatchObject({
    status: 'rejected',
    faults: [{ field: `spec.containers[0].${field}`, why: expect.stringMatching(why) }],
  });
});

test('notes unknown fields in what is read', () => {
  const outcome = read({ securityContext: { runAsUsr: 5 } }, { volumes: [{ name: 'a', configmap: { name: 'b' } }] });
  expect(outcome.status === 'read' ? outcome.notes : []).toMatchObject([
    { field: 'spec.volumes[0].configmap', fix: 'write configMap' },
    { field: 'spec.containers[0].securityContext.runAsUsr', fix: 'write runAsUser' },
  ]);
});
