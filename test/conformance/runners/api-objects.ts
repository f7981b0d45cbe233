import type { ControlPlane } from '../../../testing/control-plane/index.ts';
import type { Manifest, Step } from '../scenarios/index.ts';
import { placed } from './events.ts';

interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const PATHS: Readonly<Record<string, string>> = {
  Service: 'services',
  EndpointSlice: 'endpointslices',
  Node: 'nodes',
  Namespace: 'namespaces',
};

/** Far from the node ports of the scenarios, since the API server might otherwise allocate one of theirs. */
const HEALTH_PORTS = 2_000;

/** Writes the objects of scenarios to a real API server. */
export class ApiObjects {
  readonly #server: ControlPlane;
  readonly #namespaces = new Set<string>();
  /** The objects that exist. */
  readonly #existing = new Set<string>();

  constructor(server: ControlPlane) {
    this.#server = server;
  }

  async apply(namespace: string, step: Step): Promise<void> {
    await this.namespace(namespace);
    for (const { kind, name } of step.delete ?? []) await this.delete(namespace, kind, name);
    for (const manifest of step.set ?? []) await this.set(namespace, withHealthPort(placed(manifest, namespace)));
  }

  async namespace(name: string): Promise<void> {
    if (this.#namespaces.has(name)) return;
    this.#namespaces.add(name);
    await this.set('', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  /** Makes the object equal to the manifest, status included. */
  async set(namespace: string, object: Named & { readonly status?: unknown }): Promise<void> {
    const path = pathOf(namespace, object.apiVersion, object.kind);
    const place = `${path}/${object.metadata.name}`;
    // Not by a create that may fail: the server allocates a cluster IP before it notices that the Service exists.
    if (this.#existing.has(place)) {
      const resourceVersion = versionOf(await this.#must('GET', place));
      await this.#must('PUT', place, { ...object, metadata: { ...object.metadata, resourceVersion } });
    } else {
      await this.#must('POST', path, object);
      this.#existing.add(place);
    }
    if (object.kind === 'Service' && object.status !== undefined) {
      await this.#must('PATCH', `${place}/status`, { status: object.status });
    }
  }

  async delete(namespace: string, kind: Manifest['kind'], name: string): Promise<void> {
    const apiVersion = kind === 'Service' ? 'v1' : 'discovery.k8s.io/v1';
    const place = `${pathOf(namespace, apiVersion, kind)}/${name}`;
    await this.#must('DELETE', place);
    this.#existing.delete(place);
  }

  async #must(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, json } = await this.#server.request(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${JSON.stringify(json)}`);
    return json;
  }
}

function pathOf(namespace: string, apiVersion: string, kind: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespace === '' ? '' : `/namespaces/${namespace}`}/${PATHS[kind]}`;
}

function versionOf(object: unknown): unknown {
  if (typeof object !== 'object' || object === null || !('metadata' in object)) return undefined;
  const { metadata } = object;
  return typeof metadata === 'object' && metadata !== null && 'resourceVersion' in metadata
    ? metadata.resourceVersion
    : undefined;
}

function withHealthPort(manifest: ReturnType<typeof placed>): ReturnType<typeof placed> {
  const { spec } = manifest;
  if (spec?.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local' || !Array.isArray(spec.ports)) {
    return manifest;
  }
  const first: unknown = spec.ports[0];
  const nodePort = typeof first === 'object' && first !== null && 'nodePort' in first ? Number(first.nodePort) : 30_000;
  return { ...manifest, spec: { ...spec, healthCheckNodePort: nodePort + HEALTH_PORTS } };
}
