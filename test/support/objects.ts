import type { KubeObject, ObjectEvent } from '../../src/kube/index.ts';
import { parseManifest } from '../../src/kube/manifest/index.ts';

/** Objects from a manifest, as a source reads them. Throws with the faults if there are any. */
export function objects(yaml: string, { run = false }: { readonly run?: boolean } = {}): KubeObject[] {
  const manifest = parseManifest(yaml, { primaryFamily: 'IPv4', defaultNamespace: 'default', run });
  if (manifest.faults.length > 0) throw new Error(JSON.stringify(manifest.faults, null, 2));
  return manifest.objects.map(placed => placed.object);
}

export function sets(yaml: string): ObjectEvent[] {
  return objects(yaml).map(object => ({ type: 'set', object }));
}

export interface PodShape {
  readonly name: string;
  readonly ip?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ready?: boolean;
  readonly terminating?: boolean;
  readonly node?: string;
  readonly phase?: string;
  readonly ports?: string;
  readonly extra?: string;
}

/** A pod in flow style; `ports` and `extra` (of its spec) are YAML. */
export function pod(shape: PodShape): string {
  const { name, ip, labels = { app: 'web' }, ready = true, terminating = false, node, phase = 'Running' } = shape;
  return `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels: ${JSON.stringify(labels)}
${terminating ? '  deletionTimestamp: "2026-01-01T00:00:00Z"' : ''}
spec:
${node === undefined ? '' : `  nodeName: ${node}`}
  containers: [{ name: main, image: none, ports: ${shape.ports ?? '[]'} }]
${shape.extra === undefined ? '' : `  ${shape.extra}`}
status:
  phase: ${phase}
${ip === undefined ? '' : `  podIP: "${ip}"\n  podIPs: [{ ip: "${ip}" }]`}
  conditions: [{ type: Ready, status: "${ready ? 'True' : 'False'}" }]
---
`;
}

export function slice(service: string, endpoints: string, ports = '[{ name: http, port: 8080 }]', more = ''): string {
  return `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: ${service}-${more === '' ? '1' : more}
  labels: { kubernetes.io/service-name: ${service} }
addressType: IPv4
ports: ${ports}
endpoints: ${endpoints}
---
`;
}
