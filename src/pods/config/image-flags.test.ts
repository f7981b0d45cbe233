import { expect, test } from 'vitest';
import { objects } from '../../../test/support/objects.ts';
import type { Pod } from '../../kube/index.ts';
import { ImageOverrides, parseImageFlag } from './image-flags.ts';

function pod(containers: readonly string[]): Pod {
  const [found] = objects(
    `apiVersion: v1
kind: Pod
metadata: { name: web-1, namespace: shop, ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: true }] }
spec: { containers: [${containers.map(name => `{ name: ${name}, image: "registry.example/${name}" }`).join()}] }
`,
    { run: true },
  );
  if (found?.kind !== 'Pod') throw new Error('no pod');
  return found;
}

function images(flags: readonly string[], which: Pod): string[] {
  const overrides = flags.map(text => {
    const { value, ...target } = parseImageFlag('--image', text);
    return { ...target, image: value };
  });
  return new ImageOverrides(overrides).apply(which).spec.containers.map(({ image }) => String(image));
}

const other = (name: string): string => `registry.example/${name}`;

test.each<[flags: string[], containers: string[], expected: string[]]>([
  [['web=mine:dev'], ['a'], ['mine:dev']],
  [['shop/web=mine:dev'], ['a'], ['mine:dev']],
  [['web-1=mine:dev'], ['a'], ['mine:dev']],
  [['api=mine:dev'], ['a'], [other('a')]],
  [['other/web=mine:dev'], ['a'], [other('a')]],
  [['web:b=mine:dev'], ['a', 'b'], [other('a'), 'mine:dev']],
  [['web=mine:dev'], ['a', 'b'], [other('a'), other('b')]],
  [['web=one:1', 'web=two:2'], ['a'], ['two:2']],
  [['web=localhost:5000/mine@sha256:0123'], ['a'], ['localhost:5000/mine@sha256:0123']],
])('--image %j for containers %j', (flags, containers, expected) => {
  expect(images(flags, pod(containers))).toEqual(expected);
});

test('an image of a flag is used if it is there, whatever the policy of the manifest', () => {
  const { value, ...target } = parseImageFlag('--image', 'web=mine:latest');
  const [container] = new ImageOverrides([{ ...target, image: value }]).apply(pod(['a'])).spec.containers;
  expect(container?.run?.imagePullPolicy).toBe('IfNotPresent');
});

test('a flag that no container uses is named', () => {
  const overrides = new ImageOverrides([{ flag: '--image api=x', target: 'api', image: 'x' }]);
  overrides.apply(pod(['a']));
  expect(overrides.unused()).toEqual(['--image api=x']);
});

test.each(['web', '=x', 'web=', 'Web=x'])('--image %s is refused, with how to write it', text => {
  expect(() => parseImageFlag('--image', text)).toThrow(`--image ${text}: write it as WORKLOAD=VALUE`);
});
