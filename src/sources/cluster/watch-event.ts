import { ApiError, at, errorOfStatus, textAt } from './api-error.ts';

/** One line of a watch other than `ERROR`. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
  readonly version: string;
  /** A bookmark that marks the end of the streaming list. */
  readonly endsList: boolean;
}

const TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] as const;
const LIST_ENDS = 'k8s.io/initial-events-end';

/** @throws ApiError for an `ERROR` line; `garbage` for anything that is not an event of this kind */
export function readWatchEvent(value: unknown, kind: string): WatchEvent {
  const typeText = at(value, 'type');
  const object = at(value, 'object');
  if (typeText === 'ERROR') throw errorOfStatus(Number(at(object, 'code') ?? 500), object);
  const type = TYPES.find(type => type === typeText);
  const meta = at(object, 'metadata');
  const version = textAt(meta, 'resourceVersion');
  if (type === undefined || version === undefined || textAt(object, 'kind') !== kind) {
    throw new ApiError('garbage', `the server sent a line that is not an event of a ${kind}`);
  }
  const endsList = type === 'BOOKMARK' && at(at(meta, 'annotations'), LIST_ENDS) === 'true';
  return { type, object, version, endsList };
}

/**
 * Whether a version is not newer than another. The versions of one collection are increasing integers of any size;
 * others can only be compared for equality.
 */
export function isAtMost(version: string, other: string): boolean {
  if (version === other) return true;
  if (!isNumber(version) || !isNumber(other)) return false;
  return version.length === other.length ? version < other : version.length < other.length;
}

function isNumber(version: string): boolean {
  return /^[1-9]\d*$/.test(version);
}
