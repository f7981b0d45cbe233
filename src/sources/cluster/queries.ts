/**
 * Query parameters of lists and watches: the state to start from, and the page size.
 *
 * @module
 */
type Query = Readonly<Record<string, string>>;

export interface ListOptions {
  /** The newest version seen; `''`: none. */
  readonly version: string;
  /** Requests the server's newest state and ignores `version`. */
  readonly newest: boolean;
  /** Objects per page; undefined: all in one. */
  readonly pageSize: number | undefined;
  /** The continue token of the previous page. */
  readonly next: string | undefined;
}

/** A page of a list, never older than the newest version seen: another API server of the cluster may lag behind. */
export function listQuery(selectors: Query, { version, newest, pageSize, next }: ListOptions): Query {
  const from =
    newest || next !== undefined ? {} : { resourceVersion: version || '0', resourceVersionMatch: 'NotOlderThan' };
  return {
    ...selectors,
    ...from,
    ...(pageSize === undefined ? {} : { limit: String(pageSize) }),
    ...(next === undefined ? {} : { continue: next }),
  };
}

export interface WatchOptions {
  readonly version: string;
  readonly newest: boolean;
  /** Starts with all objects, followed by a bookmark. */
  readonly withList: boolean;
  readonly forMs: number;
}

export function watchQuery(selectors: Query, { version, newest, withList, forMs }: WatchOptions): Query {
  return {
    ...selectors,
    watch: '1',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(Math.max(1, Math.round(forMs / 1000))),
    ...(newest || version === '' ? {} : { resourceVersion: version }),
    ...(withList ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' } : {}),
  };
}
