import type { KubeObject } from '../kube/index.ts';
import type { Listener } from '../planes/index.ts';
import type { Frontend } from '../routing/index.ts';
import { address, protocol } from './meta-shapes.ts';
import { kubeObject } from './object-shapes.ts';
import { byKind, fields, integer, line, list, oneOf, optional, port, type Shape, text } from './shape.ts';

/** The state that a running `up` reports to commands of the same user and version. */
export interface RunningState {
  readonly version: string;
  readonly pid: number;
  /** The name by which commands choose it among several. */
  readonly name: string;
  /** Its -f arguments. */
  readonly inputs: readonly string[];
  /** All objects as it holds them now, pods with their status. */
  readonly objects: readonly KubeObject[];
  readonly listeners: readonly Listener[];
}

const frontend = byKind<Frontend>({
  clusterIP: fields<Extract<Frontend, { kind: 'clusterIP' }>>({
    kind: oneOf('clusterIP'),
    address: optional(address),
    port,
  }),
  externalIP: fields<Extract<Frontend, { kind: 'externalIP' }>>({ kind: oneOf('externalIP'), address, port }),
  loadBalancer: fields<Extract<Frontend, { kind: 'loadBalancer' }>>({
    kind: oneOf('loadBalancer'),
    address: optional(address),
    port,
  }),
  nodePort: fields<Extract<Frontend, { kind: 'nodePort' }>>({ kind: oneOf('nodePort'), port: optional(port) }),
});

/** A listener that failed may have no address. */
const listenerAddress: Shape<string> = (value): value is string => value === '' || address(value);

const runningState = fields<RunningState>({
  version: line,
  pid: integer,
  name: line,
  inputs: list(text),
  objects: list(kubeObject),
  listeners: list(
    fields<Listener>({
      route: line,
      frontend,
      address: listenerAddress,
      port,
      protocol,
      moved: optional(line),
      failed: optional(line),
    }),
  ),
});

export type ParsedState =
  | { readonly kind: 'state'; readonly state: RunningState }
  /** Another version, whose shape is unknown. */
  | { readonly kind: 'otherVersion' }
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Parses what a process at a state socket sent. That may be another program, or one of another user, so everything is
 * checked.
 */
export function parseState(json: string, version: string): ParsedState {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    return { kind: 'unreadable', why: 'it sent no complete JSON' };
  }
  if (runningState(data) && data.version === version) return { kind: 'state', state: data };
  const isOther = typeof data === 'object' && data !== null && 'version' in data && data.version !== version;
  return isOther ? { kind: 'otherVersion' } : { kind: 'unreadable', why: 'it sent something other than its state' };
}
