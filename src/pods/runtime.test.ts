import { expect, test } from 'vitest';
import { objects } from '../../test/support/objects.ts';
import type { Pod } from '../kube/index.ts';
import { needsEngine, type RuntimeChoice, runtimeOf } from './runtime.ts';

function pod(containers: string, init = '[]', status = ''): Pod {
  const [found] = objects(`apiVersion: v1
kind: Pod
metadata: { name: p }
spec: { containers: ${containers}, initContainers: ${init} }
${status}
`);
  if (found?.kind !== 'Pod') throw new Error('no pod');
  return found;
}

const COMMAND = '[{ name: a, command: [x] }]';
const IMAGE = '[{ name: a, image: i }]';
const BOTH = '[{ name: a, image: i, command: [x] }]';

test.each<[what: string, pod: Pod, choice: RuntimeChoice, expected: string | undefined]>([
  ['a command without an engine', pod(COMMAND), { mode: 'auto', engine: false }, 'process'],
  ['a command with an engine', pod(COMMAND), { mode: 'auto', engine: true }, 'process'],
  ['an image without an engine', pod(IMAGE), { mode: 'auto', engine: false }, undefined],
  ['an image with an engine', pod(IMAGE), { mode: 'auto', engine: true }, 'engine'],
  ['both with an engine', pod(BOTH), { mode: 'auto', engine: true }, 'engine'],
  ['both without an engine', pod(BOTH), { mode: 'auto', engine: false }, 'process'],
  ['both as a process', pod(BOTH), { mode: 'process', engine: true }, 'process'],
  ['a command that only an engine may run', pod(COMMAND), { mode: 'engine', engine: true }, undefined],
  [
    'an image and an init container without one',
    pod(BOTH, '[{ name: b, command: [x] }]'),
    { mode: 'auto', engine: true },
    'process',
  ],
  [
    'a pod that has an address',
    pod(IMAGE, '[]', 'status: { podIPs: [{ ip: 10.0.0.1 }] }'),
    { mode: 'auto', engine: true },
    undefined,
  ],
  ['a pod that has ended', pod(IMAGE, '[]', 'status: { phase: Succeeded }'), { mode: 'auto', engine: true }, undefined],
])('G3: %s', (_what, which, choice, expected) => {
  expect(runtimeOf(which, choice)).toBe(expected);
});

test.each([
  ['an image', pod(IMAGE), true],
  ['a command', pod(COMMAND), false],
  ['both', pod(BOTH), false],
])('a pod with %s needs an engine: %s', (_what, which, expected) => {
  expect(needsEngine(which)).toBe(expected);
});
