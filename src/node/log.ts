import type { ClusterEvent } from '../sources/cluster/index.ts';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export function logClusterEvent(event: ClusterEvent, log: Log): void {
  const { type, ...fields } = event;
  if (type === 'listed') log.info(fields, 'listed');
  else if (type === 'back') log.info(fields, 'the API server is reachable again; applying differences');
  else if (type === 'lost') log.warn(fields, 'the API server is unreachable; routes stay as they are');
  else if (type === 'refused')
    log.error(fields, 'the API server denies access; `switchboard rbac node` prints the role that is needed');
  else if (type === 'no-credentials')
    log.error(fields, 'cannot get credentials, so the API server is not asked; retrying');
  else log.warn(fields, 'the API server does not serve this kind');
}
