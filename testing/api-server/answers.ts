/**
 * Responses of the server (lists, bookmarks, errors), and the kubeconfig that points to it.
 *
 * @module
 */
import type { ServerResponse } from 'node:http';
import type { Refusal } from './faults.ts';
import { type ApiObject, keyOf, type Objects } from './objects.ts';

export interface ApiServerOptions {
  /** false: rejects `sendInitialEvents`, as servers without streaming lists do. */
  readonly streamingLists?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Tokens that are accepted; without them, every request is. */
  readonly tokens?: ReadonlySet<string>;
}

export const COLLECTIONS: Readonly<Record<string, { kind: string; apiVersion: string }>> = {
  services: { kind: 'Service', apiVersion: 'v1' },
  pods: { kind: 'Pod', apiVersion: 'v1' },
  nodes: { kind: 'Node', apiVersion: 'v1' },
  namespaces: { kind: 'Namespace', apiVersion: 'v1' },
  endpointslices: { kind: 'EndpointSlice', apiVersion: 'discovery.k8s.io/v1' },
};
export function line(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

export function refuse(response: ServerResponse, refusal: Refusal): void {
  const { status, retryAfterSeconds } = refusal;
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(statusObject(refusal)));
}

export function statusObject({ status, reason, message }: Refusal): unknown {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code: status };
}

export function asObject(body: unknown): ApiObject {
  if (!isObject(body)) throw new Error(`not an object: ${JSON.stringify(body)}`);
  return body;
}

function isObject(body: unknown): body is ApiObject {
  return typeof body === 'object' && body !== null && 'metadata' in body && 'kind' in body;
}

/** A page of a list; undefined if its continue token has expired. */
export function pageOf(
  query: URLSearchParams,
  objects: Objects,
  { matches, version }: { matches: (object: ApiObject) => boolean; version: number },
): unknown {
  const [from = '', listedAt = String(version)] = query.get('continue')?.split('@') ?? [];
  if (Number(listedAt) < objects.oldest) return undefined;
  const rest = objects.all().filter(object => matches(object) && keyOf(object) > from);
  const limit = Number(query.get('limit') ?? '0') || rest.length;
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const more = rest.length > page.length && last !== undefined ? { continue: `${keyOf(last)}@${listedAt}` } : {};
  const items = page.map(({ kind: _kind, apiVersion: _apiVersion, ...item }) => item);
  const { kind, apiVersion } = objects;
  return { kind: `${kind}List`, apiVersion, metadata: { resourceVersion: listedAt, ...more }, items };
}

export function bookmarkOf(
  { kind, apiVersion }: Objects,
  version: number,
  annotations: Readonly<Record<string, string>>,
): string {
  return line('BOOKMARK', { kind, apiVersion, metadata: { resourceVersion: String(version), annotations } });
}

/** The user gets the first of the tokens. */
export function kubeconfigOf(server: string, { tls, tokens }: ApiServerOptions): unknown {
  const authority = tls === undefined ? {} : { 'certificate-authority-data': Buffer.from(tls.cert).toString('base64') };
  const [token] = tokens ?? [];
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster: { server, ...authority } }],
    users: [{ name: 'fake', user: token === undefined ? {} : { token } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    'current-context': 'fake',
  };
}
