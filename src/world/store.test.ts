import { expect, test } from 'vitest';
import { objects, slice } from '../../test/support/objects.ts';
import type { ObjectEvent } from '../kube/index.ts';
import { ObjectStore } from './index.ts';

function set(yaml: string): ObjectEvent[] {
  return objects(yaml).map(object => ({ type: 'set', object }));
}

function nodeIn(name: string, zone: string): ObjectEvent[] {
  return set(
    `apiVersion: v1\nkind: Node\nmetadata: { name: ${name}, labels: { topology.kubernetes.io/zone: ${zone} } }\n`,
  );
}

test('a node touches the Services whose slices have endpoints on it now, and none that have left it', () => {
  const store = new ObjectStore();
  store.apply(nodeIn('other', 'a'));
  for (let i = 0; i < 1_500; i++) store.apply(set(slice('web', `[{ addresses: [10.0.0.1], nodeName: n${i} }]`)));
  expect([...store.apply(nodeIn('n0', 'a'))]).toEqual([]);
  expect([...store.apply(nodeIn('n1498', 'a'))]).toEqual([]);
  expect([...store.apply(nodeIn('n1499', 'a'))]).toEqual(['default/web']);
  const [gone] = objects(slice('web', '[]'));
  if (gone === undefined) throw new Error('no slice');
  store.apply([{ type: 'delete', kind: 'EndpointSlice', namespace: 'default', name: gone.meta.name }]);
  expect([...store.apply(nodeIn('n1499', 'b'))]).toEqual([]);
});
