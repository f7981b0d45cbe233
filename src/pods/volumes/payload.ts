/**
 * The files of a volume that is made of objects: ConfigMaps, Secrets and fields of the pod. Pure; the same for every
 * runtime.
 *
 * @module
 */
import { SwitchboardError } from '../../errors.ts';
import {
  bytesOfBase64,
  type ConfigMap,
  type DownwardFile,
  type KeysSource,
  type ProjectedSource,
  type Secret,
  type VolumeSource,
} from '../../kube/index.ts';
import { own } from '../config/expand-variables.ts';
import { type FieldInputs, podField } from '../config/field-ref.ts';
import type { PodObjects } from '../config/pod-objects.ts';
import { type NodeResources, resourceValue } from '../config/resource-ref.ts';

export interface VolumeFile {
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** By path, relative to the volume. */
export type Payload = ReadonlyMap<string, VolumeFile>;

export type FilesSource = Extract<VolumeSource, { kind: 'configMap' | 'secret' | 'projected' | 'downwardAPI' }>;

export interface PayloadInputs extends FieldInputs {
  readonly objects: Pick<PodObjects, 'configMap' | 'secret'>;
  readonly node: NodeResources;
}

/** Whether a volume is made of objects, and so has files of its own that follow them. */
export function isFilesSource(source: VolumeSource): source is FilesSource {
  return ['configMap', 'secret', 'projected', 'downwardAPI'].includes(source.kind);
}

/**
 * The files of a volume. Of two files with one path the later one wins.
 *
 * @throws SWB_POD_CONFIG with the kubelet's words: the pod waits until the object or key exists
 */
export function payloadOf(volume: string, source: FilesSource, inputs: PayloadInputs): Payload {
  const parts: readonly ProjectedSource[] = source.kind === 'projected' ? source.sources : [source];
  const files = new Map<string, VolumeFile>();
  for (const part of parts) {
    for (const [path, file] of filesOf(volume, part, source.defaultMode, inputs)) files.set(path, file);
  }
  return files;
}

function filesOf(volume: string, part: ProjectedSource, mode: number, inputs: PayloadInputs): Payload {
  switch (part.kind) {
    case 'configMap':
    case 'secret':
      return keyFiles(volume, part, mode, inputs);
    case 'downwardAPI':
      return new Map(
        part.items.map(item => [item.path, { bytes: downward(volume, item, inputs), mode: item.mode ?? mode }]),
      );
    case 'serviceAccountToken':
    case 'unsupported':
      // Nobody issues tokens here; a finding names what is left out.
      return new Map();
  }
}

function keyFiles(
  volume: string,
  source: { readonly kind: 'configMap' | 'secret' } & KeysSource,
  mode: number,
  { objects, pod }: PayloadInputs,
): Payload {
  const { namespace } = pod.meta;
  const object =
    source.kind === 'secret' ? objects.secret(namespace, source.name) : objects.configMap(namespace, source.name);
  if (object === undefined) {
    if (source.optional) return new Map();
    throw setUpFailed(volume, `${source.kind.toLowerCase()} "${source.name}" not found`);
  }
  const content = contentOf(object);
  if (source.items === undefined) {
    return new Map(Object.entries(content).map(([key, bytes]) => [key, { bytes, mode }]));
  }
  const files = new Map<string, VolumeFile>();
  for (const item of source.items) {
    const bytes = own(content, item.key);
    if (bytes !== undefined) files.set(item.path, { bytes, mode: item.mode ?? mode });
    else if (!source.optional) {
      throw setUpFailed(
        volume,
        `${object.kind} ${namespace}/${source.name} references non-existent ${source.kind === 'secret' ? 'secret' : 'config'} key: ${item.key}`,
      );
    }
  }
  return files;
}

function contentOf(object: ConfigMap | Secret): Record<string, Uint8Array> {
  if (object.kind === 'Secret') {
    return Object.fromEntries(Object.entries(object.data).map(([key, value]) => [key, value.bytes()]));
  }
  const binary = Object.entries(object.run?.binaryData ?? {}).flatMap(([key, value]) => {
    const bytes = bytesOfBase64(value);
    return bytes === undefined ? [] : [[key, bytes] as const];
  });
  const text = Object.entries(object.data).map(([key, value]) => [key, new TextEncoder().encode(value)] as const);
  return Object.fromEntries([...text, ...binary]);
}

function downward(volume: string, item: DownwardFile, inputs: PayloadInputs): Uint8Array {
  const value =
    item.kind === 'field'
      ? podField(item.fieldPath, inputs)
      : resourceValue(item.ref, undefined, inputs.pod, inputs.node);
  if (value !== undefined) return new TextEncoder().encode(value);
  const what = item.kind === 'field' ? `field ${item.fieldPath}` : `container ${item.ref.containerName}`;
  throw setUpFailed(volume, `${what} not found`);
}

export function setUpFailed(volume: string, why: string): SwitchboardError {
  return new SwitchboardError('SWB_POD_CONFIG', `MountVolume.SetUp failed for volume "${volume}" : ${why}`);
}
