import { describe, expect, test } from 'vitest';
import { objects } from '../../test/support/objects.ts';
import { type ContainerState, type PodState, phaseOf, whyNotReady } from './pod-status.ts';

function podOf(restartPolicy: string): PodState['pod'] {
  const [pod] = objects(`apiVersion: v1
kind: Pod
metadata: { name: p }
spec:
  restartPolicy: ${restartPolicy}
  initContainers: [{ name: i, image: none }, { name: j, image: none }]
  containers: [{ name: a, image: none }, { name: b, image: none }]
`);
  if (pod?.kind !== 'Pod') throw new Error('no pod');
  return pod;
}

function container(phase: ContainerState['phase'], exitCode?: number, why = ''): ContainerState {
  return { name: 'c', phase, ready: phase === 'running', exitCode, why };
}

function state(more: Partial<PodState>, restartPolicy = 'Never'): PodState {
  const nothing = { broken: undefined, init: undefined, sidecars: [], containers: [] };
  return { pod: podOf(restartPolicy), ...nothing, ...more };
}

describe('the phase of a pod', () => {
  test.each<[string, Partial<PodState>, string, string]>([
    ['has no container yet', {}, 'Always', 'Pending'],
    ['waits for an object', { containers: [container('configuring')] }, 'Always', 'Pending'],
    ['runs', { containers: [container('running'), container('waiting')] }, 'Always', 'Running'],
    ['has ended', { containers: [container('ended', 0), container('ended', 0)] }, 'Never', 'Succeeded'],
    ['has a container that failed', { containers: [container('ended', 0), container('ended', 2)] }, 'Never', 'Failed'],
    ['has a container that runs on', { containers: [container('ended', 2), container('running')] }, 'Never', 'Running'],
    [
      'waits for its sidecars',
      { containers: [container('ended', 0)], sidecars: [container('running')] },
      'Never',
      'Running',
    ],
    [
      'has a sidecar that failed at the end',
      { containers: [container('ended', 0)], sidecars: [container('ended', 1)] },
      'Never',
      'Succeeded',
    ],
    ['has an init container that failed', { init: { state: container('ended', 1), done: 0 } }, 'Never', 'Failed'],
    ['tries its init container again', { init: { state: container('waiting', 1), done: 0 } }, 'Always', 'Pending'],
  ])('A36, A37: that %s', (_what, more, policy, expected) => {
    expect(phaseOf(state(more, policy))).toBe(expected);
  });
});

describe('A46: the reason of a pod that is not ready', () => {
  test.each<[Partial<PodState>, string | undefined]>([
    [{}, 'ContainerCreating'],
    [{ broken: 'ContainerCreating: x' }, 'ContainerCreating: x'],
    [{ init: { state: container('running', undefined, 'runs'), done: 1 } }, 'Init:1/2: init container c: runs'],
    [{ containers: [container('waiting', 1, 'CrashLoopBackOff: x')] }, 'CrashLoopBackOff: x'],
    [{ containers: [container('running'), container('ended', 0, 'Completed')] }, 'container c: Completed'],
    [{ containers: [container('running')] }, undefined],
  ])('%#', (more, expected) => {
    expect(whyNotReady(state(more))).toBe(expected);
  });
});
