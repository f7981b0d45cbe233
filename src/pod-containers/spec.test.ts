import { describe, expect, test } from 'vitest';
import { objects } from '../../test/support/objects.ts';
import type { ContainerSpec, Image } from '../engine/index.ts';
import { containerSpec } from './spec.ts';

const CONFIG: Image['config'] = {
  entrypoint: ['/entry'],
  cmd: ['cmd'],
  env: [],
  user: '',
  workingDir: '',
  stopSignal: undefined,
  volumes: [],
  labels: {},
};

/** @param container YAML in flow style, without braces */
function specOf(container: string, pod = '', user = '', allowed: readonly 'privileged'[] = []): ContainerSpec {
  const [found] = objects(
    `apiVersion: v1
kind: Pod
metadata: { name: p }
spec: { containers: [{ name: main, image: i, ${container} }], ${pod} }
`,
    { run: true },
  );
  if (found?.kind !== 'Pod') throw new Error('no pod');
  const [main] = found.spec.containers;
  if (main === undefined) throw new Error('no container');
  return containerSpec({
    ...{ name: 'n', labels: {}, pod: found, container: main, sandbox: 'box', mounts: [] },
    config: {
      ...{ command: main.command, args: main.args, env: {}, workingDir: main.workingDir },
      ...{ mounts: [], pullSecrets: [] },
    },
    image: {
      ...{ id: 'sha256:1', tags: [], digests: [], os: 'linux', architecture: 'amd64' },
      config: { ...CONFIG, user },
    },
    allowed: new Set(allowed),
  });
}

test.each<[container: string, expected: object]>([
  ['imagePullPolicy: Never', {}],
  ['command: [a]', { entrypoint: ['a'], cmd: [] }],
  ['command: [a], args: [b]', { entrypoint: ['a'], cmd: ['b'] }],
  ['args: [b]', { cmd: ['b'] }],
])('A13: %s', (container, expected) => {
  const { entrypoint, cmd } = specOf(container);
  expect({ ...(entrypoint && { entrypoint }), ...(cmd && { cmd }) }).toEqual(expected);
});

describe('A29: the user', () => {
  test.each<[container: string, pod: string, image: string, expected: string | undefined]>([
    ['', '', 'node', undefined],
    ['securityContext: { runAsUser: 7 }', '', 'node', '7:0'],
    ['securityContext: { runAsUser: 7, runAsGroup: 8 }', '', '', '7:8'],
    ['', 'securityContext: { runAsUser: 7, runAsGroup: 8 }', '', '7:8'],
    ['securityContext: { runAsUser: 9 }', 'securityContext: { runAsUser: 7, runAsGroup: 8 }', '', '9:8'],
    ['securityContext: { runAsGroup: 8 }', '', 'node', 'node:8'],
    ['securityContext: { runAsGroup: 8 }', '', '', '0:8'],
    ['securityContext: { runAsNonRoot: true }', '', '1000', undefined],
  ])('%s %s of the image of %s is %s', (container, pod, image, expected) => {
    expect(specOf(container === '' ? 'tty: false' : container, pod, image).user).toBe(expected);
  });

  test.each<[container: string, image: string, why: string]>([
    ['runAsNonRoot: true', '', 'image will run as root'],
    ['runAsNonRoot: true', '0:0', 'image will run as root'],
    ['runAsNonRoot: true', 'node', 'image has non-numeric user (node), cannot verify user is non-root'],
    ['runAsNonRoot: true, runAsUser: 0', '1000', "container's runAsUser breaks non-root policy"],
  ])('%s refuses an image of "%s"', (security, image, why) => {
    expect(() => specOf(`securityContext: { ${security} }`, '', image)).toThrow(
      `CreateContainerConfigError: container has runAsNonRoot and ${why}`,
    );
  });
});

test('A34: limits, without swap, and shares of the processor', () => {
  const { limits } = specOf('resources: { limits: { cpu: 2500m, memory: 64Mi }, requests: { cpu: 1500m } }');
  expect(limits).toEqual({ memoryBytes: 67_108_864, nanoCpus: 2_500_000_000, cpuShares: 1536 });
  expect(specOf('resources: { requests: { cpu: 1m } }').limits?.cpuShares).toBe(2);
});

test('A31: capabilities, a read-only root, no new privileges, groups', () => {
  const { security } = specOf(
    'securityContext: { capabilities: { add: [NET_BIND_SERVICE], drop: [ALL] }, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, seccompProfile: { type: Unconfined } }',
    'securityContext: { supplementalGroups: [5], fsGroup: 6 }',
  );
  expect(security).toEqual({
    capAdd: ['NET_BIND_SERVICE'],
    capDrop: ['ALL'],
    options: ['no-new-privileges', 'seccomp=unconfined'],
    readOnlyRoot: true,
    groups: ['5', '6'],
  });
});

test('A32: a privileged container needs the permission of the user', () => {
  const container = 'securityContext: { privileged: true }';
  expect(() => specOf(container)).toThrow('allow it with --allow-privileged');
  expect(specOf(container, '', '', ['privileged']).security).toEqual({ privileged: true });
});

test('A23, A27: the container joins the network and, where the pod says so, the processes of the sandbox', () => {
  expect(specOf('tty: false').network).toEqual({ kind: 'join', container: 'box' });
  expect(specOf('tty: false').pid).toBeUndefined();
  expect(specOf('tty: false', 'shareProcessNamespace: true').pid).toEqual({ kind: 'join', container: 'box' });
});
