import type { Pod } from '../../kube/index.ts';
import { own } from './expand-variables.ts';

/** What fields of a pod refer to, apart from the pod itself. */
export interface FieldInputs {
  readonly pod: Pod;
  readonly uid: string;
  readonly place: { readonly ip: string; readonly hostIP: string };
  /** The name of the node where the pod names none. */
  readonly nodeName: string;
}

/** The value of a `fieldRef` in a variable; undefined for a field that the downward API does not have. */
export function podField(path: string, { pod, place, uid, nodeName }: FieldInputs): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed?.[1] !== undefined && keyed[2] !== undefined) {
    return own(keyed[1] === 'labels' ? pod.meta.labels : pod.meta.annotations, keyed[2]) ?? '';
  }
  switch (path) {
    case 'metadata.name':
      return pod.meta.name;
    case 'metadata.namespace':
      return pod.meta.namespace;
    case 'metadata.uid':
      return uid;
    case 'metadata.labels':
      return mapText(pod.meta.labels);
    case 'metadata.annotations':
      return mapText(pod.meta.annotations);
    case 'spec.nodeName':
      return pod.spec.nodeName ?? nodeName;
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? 'default';
    case 'status.podIP':
    case 'status.podIPs':
      return place.ip;
    case 'status.hostIP':
    case 'status.hostIPs':
      return place.hostIP;
    default:
      return undefined;
  }
}

/** Lines `key="value"`, sorted, with Go's quoting (`fieldpath.FormatMap`). */
function mapText(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map(key => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}
