/**
 * The calls of the process that the user started to the gateway container. Both are the same program, so their types are
 * checked as one.
 *
 * @module
 */
import { isRecord } from '../../data/index.ts';
import { parseSocketAddress, type SocketAddress } from '../../net/index.ts';
import type { Listener, RouteOutcome } from '../../planes/index.ts';
import type { RouteChange } from '../../routing/index.ts';

/** The port of the gateway container for links. */
export const LINK_PORT = 7000;

/** What the container reads at its start. */
export interface GatewaySettings {
  readonly token: string;
  /** Its own address. */
  readonly address: string;
  /** CIDRs of addresses that it holds. */
  readonly clusterIPs: string;
  readonly relays: string;
}

/** `apply`: makes changes of routes. */
export interface ApplyCall {
  readonly changes: readonly RouteChange[];
}

/** The outcomes in the order of the changes. */
export interface ApplyAnswer {
  readonly outcomes: readonly Omit<RouteOutcome, 'change'>[];
  readonly failure?: string;
}

/** `relay`: connections to `at` go on to `to` in the network of the caller. */
export interface RelayCall {
  readonly protocol: 'TCP' | 'UDP';
  readonly at: SocketAddress;
  readonly to: SocketAddress;
}

export function isGatewaySettings(value: unknown): value is GatewaySettings {
  return (
    isRecord(value) &&
    ['token', 'address', 'clusterIPs', 'relays'].every(field => typeof value[field] === 'string' && value[field] !== '')
  );
}

export function isApplyCall(value: unknown): value is ApplyCall {
  return isRecord(value) && Array.isArray(value.changes) && value.changes.every(isChange);
}

function isChange(value: unknown): boolean {
  return isRecord(value) && (value.type === 'set' || value.type === 'delete') && isRecord(value.route);
}

export function isApplyAnswer(value: unknown): value is ApplyAnswer {
  return isRecord(value) && Array.isArray(value.outcomes) && value.outcomes.every(isRecord);
}

export function isListeners(value: unknown): value is readonly Listener[] {
  return Array.isArray(value) && value.every(isRecord);
}

export function isRelayCall(value: unknown): value is RelayCall {
  if (!isRecord(value) || (value.protocol !== 'TCP' && value.protocol !== 'UDP')) return false;
  return isAddress(value.at) && isAddress(value.to);
}

function isAddress(value: unknown): boolean {
  return isRecord(value) && parseSocketAddress(`${value.address}:${value.port}`) !== undefined;
}
