/**
 * How the API server is asked: which state a list or a watch may begin with, and in what portions it comes.
 *
 * @module
 */
type Query = Readonly<Record<string, string>>;

export interface ListAsking {
  /** The newest version that is known; `''`: none. */
  readonly version: string;
  /** The newest state that the server has, whatever is known here. */
  readonly newest: boolean;
  /** Objects; undefined: everything at once. */
  readonly pageSize: number | undefined;
  /** The token of the page before. */
  readonly next: string | undefined;
}

/** A page of a list: never of an older state than is known, for another server of the cluster may lag behind. */
export function listQuery(selectors: Query, { version, newest, pageSize, next }: ListAsking): Query {
  const from =
    newest || next !== undefined ? {} : { resourceVersion: version || '0', resourceVersionMatch: 'NotOlderThan' };
  return {
    ...selectors,
    ...from,
    ...(pageSize === undefined ? {} : { limit: String(pageSize) }),
    ...(next === undefined ? {} : { continue: next }),
  };
}

export interface WatchAsking {
  readonly version: string;
  readonly newest: boolean;
  /** Begins with all objects and a bookmark behind them. */
  readonly withList: boolean;
  readonly forMs: number;
}

export function watchQuery(selectors: Query, { version, newest, withList, forMs }: WatchAsking): Query {
  return {
    ...selectors,
    watch: '1',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(Math.max(1, Math.round(forMs / 1000))),
    ...(newest || version === '' ? {} : { resourceVersion: version }),
    ...(withList ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' } : {}),
  };
}
