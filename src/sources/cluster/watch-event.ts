import { at, failureOfStatus, RequestFailure, textAt } from './failure.ts';

/** One line of a watch; an `ERROR` is thrown. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
  readonly version: string;
  /** A bookmark that says: the list that the stream began with is whole now. */
  readonly endsList: boolean;
}

const TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] as const;
const LIST_ENDS = 'k8s.io/initial-events-end';

/** @throws RequestFailure what an `ERROR` says; `garbage` for what is no event of this kind */
export function readWatchEvent(value: unknown, kind: string): WatchEvent {
  const said = at(value, 'type');
  const object = at(value, 'object');
  if (said === 'ERROR') throw failureOfStatus(Number(at(object, 'code') ?? 500), object);
  const type = TYPES.find(known => known === said);
  const meta = at(object, 'metadata');
  const version = textAt(meta, 'resourceVersion');
  if (type === undefined || version === undefined || textAt(object, 'kind') !== kind) {
    throw new RequestFailure('garbage', `the server sent what is no change of a ${kind}`);
  }
  const endsList = type === 'BOOKMARK' && at(at(meta, 'annotations'), LIST_ENDS) === 'true';
  return { type, object, version, endsList };
}

/**
 * Whether a version is not newer than another. Versions of one collection are whole numbers that grow, however large;
 * of others than those nothing is known but whether they are the same.
 */
export function isAtMost(version: string, other: string): boolean {
  if (version === other) return true;
  if (!isNumber(version) || !isNumber(other)) return false;
  return version.length === other.length ? version < other : version.length < other.length;
}

function isNumber(version: string): boolean {
  return /^[1-9]\d*$/.test(version);
}
