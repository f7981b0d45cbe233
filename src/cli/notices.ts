/** What `up` and `run` report of planes and pods while they serve: only what goes wrong, on standard error. */
import type { Pod } from '../kube/objects.ts';
import type { NftablesEvent } from '../planes/nftables/index.ts';
import type { PlaneEvent } from '../planes/userspace/index.ts';
import { planeEventText } from './views/plane-events.ts';

export function planeNotice(event: PlaneEvent | NftablesEvent): void {
  process.stderr.write(`warning: ${planeEventText(event)}\n`);
}

/** For `up`, which shows ports that are moved or cannot be had in its table or with the route that is new. */
export function planeNoticeBesideTable(event: PlaneEvent | NftablesEvent): void {
  if (event.event !== 'listener-moved' && event.event !== 'listener-failed') planeNotice(event);
}

export function podNotice(pod: Pod, container: string, text: string): void {
  const where = container === '' || pod.spec.containers.length === 1 ? '' : `, container ${container}`;
  const about = text.startsWith('pod ') ? text : `pod ${pod.meta.namespace}/${pod.meta.name}${where}: ${text}`;
  process.stderr.write(`warning: ${about}\n`);
}
