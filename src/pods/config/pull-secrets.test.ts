import { expect, test } from 'vitest';
import { objects } from '../../../test/support/objects.ts';
import { PodObjectCache } from './pod-objects.ts';
import { pullSecrets } from './pull-secrets.ts';

const SECRETS = ['a', 'b']
  .map(
    name => `apiVersion: v1
kind: Secret
metadata: { name: ${name} }
type: kubernetes.io/dockerconfigjson
stringData: { .dockerconfigjson: '{"auths":{"${name}":{}}}' }
---
`,
  )
  .join('');
const ACCOUNT = `apiVersion: v1
kind: ServiceAccount
metadata: { name: builder }
imagePullSecrets: [{ name: b }]
---
`;

test.each([
  ['its own', 'imagePullSecrets: [{ name: a }]', ['a']],
  ["its ServiceAccount's", 'serviceAccountName: builder', ['b']],
  ["its own and not its ServiceAccount's", 'serviceAccountName: builder, imagePullSecrets: [{ name: a }]', ['a']],
  ['those that exist', 'imagePullSecrets: [{ name: missing }, { name: a }]', ['a']],
  ['none', 'hostname: h', []],
])('A50: a pod pulls with %s', (_what, spec, expected) => {
  const cache = new PodObjectCache();
  for (const object of objects(SECRETS + ACCOUNT, { run: true })) cache.apply({ type: 'set', object });
  const [pod] = objects(
    `apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: i }], ${spec} }\n`,
    { run: true },
  );
  if (pod?.kind !== 'Pod') throw new Error('no pod');
  const found = pullSecrets(pod, cache).map(value => value.text());
  expect(found).toEqual(expected.map(name => `{"auths":{"${name}":{}}}`));
});
