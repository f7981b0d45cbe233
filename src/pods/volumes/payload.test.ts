import { describe, expect, test } from 'vitest';
import { objects } from '../../../test/support/objects.ts';
import { PodObjectCache } from '../config/pod-objects.ts';
import { isFilesSource, payloadOf } from './payload.ts';

const OBJECTS = `apiVersion: v1
kind: ConfigMap
metadata: { name: c }
data: { a: text, b: other }
binaryData: { bin: /w== }
---
apiVersion: v1
kind: Secret
metadata: { name: s }
stringData: { key: value }
---
`;

function payload(source: string): Record<string, string> {
  const read = objects(
    `${OBJECTS}apiVersion: v1
kind: Pod
metadata: { name: p, annotations: { b: '2', a: '"1"' } }
spec:
  volumes: [{ name: v, ${source} }]
  containers: [{ name: main, image: none, resources: { limits: { cpu: 250m } } }]
`,
    { run: true },
  );
  const cache = new PodObjectCache();
  for (const object of read) cache.apply({ type: 'set', object });
  const pod = read.find(object => object.kind === 'Pod');
  const volume = pod?.kind === 'Pod' ? pod.spec.run?.volumes[0] : undefined;
  if (pod?.kind !== 'Pod' || volume === undefined || !isFilesSource(volume.source)) throw new Error('no such volume');
  const files = payloadOf('v', volume.source, {
    pod,
    uid: 'uid-1',
    place: { ip: '10.0.0.1', hostIP: '10.0.0.0' },
    nodeName: 'laptop',
    node: { cpus: 8, memoryBytes: 2 ** 30, diskBytes: 2 ** 40 },
    objects: cache,
  });
  return Object.fromEntries(
    [...files].map(([path, { bytes, mode }]) => [path, `${Buffer.from(bytes).toString('latin1')} ${mode.toString(8)}`]),
  );
}

describe('the files of a volume', () => {
  test.each([
    ['B2: keys of data and binaryData', 'configMap: { name: c }', { a: 'text 644', b: 'other 644', bin: '\xff 644' }],
    [
      'B2: chosen keys with their modes',
      'configMap: { name: c, defaultMode: 0400, items: [{ key: a, path: x/y }, { key: b, path: z, mode: 0600 }] }',
      { 'x/y': 'text 400', z: 'other 600' },
    ],
    ['B5: decoded values of a Secret', 'secret: { secretName: s }', { key: 'value 644' }],
    ['B2: none for a missing optional object', 'configMap: { name: x, optional: true }', {}],
    [
      'B2: no file for a missing key of an optional object',
      'configMap: { name: c, optional: true, items: [{ key: x, path: x }, { key: a, path: a }] }',
      { a: 'text 644' },
    ],
    [
      'B6: all sources of a projected volume, of which the later one wins',
      'projected: { defaultMode: 0444, sources: [{ configMap: { name: c } }, { secret: { name: s, items: [{ key: key, path: a }] } }] }',
      { a: 'value 444', b: 'other 444', bin: '\xff 444' },
    ],
    [
      'B7: fields and resources, quoted and sorted',
      `downwardAPI: { items: [{ path: l, fieldRef: { fieldPath: metadata.annotations } }, { path: name, fieldRef: { fieldPath: metadata.name } },
        { path: c, resourceFieldRef: { containerName: main, resource: limits.cpu, divisor: 1m } }] }`,
      { l: 'a="\\"1\\""\nb="2" 644', name: 'p 644', c: '250 644' },
    ],
  ])('%s', (_what, source, expected) => {
    expect(payload(source)).toEqual(expected);
  });

  test.each([
    ['configMap: { name: x }', 'MountVolume.SetUp failed for volume "v" : configmap "x" not found'],
    ['secret: { secretName: x }', 'MountVolume.SetUp failed for volume "v" : secret "x" not found'],
    ['configMap: { name: c, items: [{ key: k, path: k }] }', 'references non-existent config key: k'],
    ['secret: { secretName: s, items: [{ key: k, path: k }] }', 'references non-existent secret key: k'],
  ])('B2: %s is waited for with the words of the kubelet', (source, said) => {
    expect(() => payload(source)).toThrow(said);
  });
});
