/** Warnings of `up` and `run` about planes and pods, on standard error. */
import type { Pod } from '../kube/index.ts';
import type { NftablesEvent } from '../planes/nftables/index.ts';
import type { PlaneEvent } from '../planes/userspace/index.ts';
import { message } from './terminal.ts';
import { planeEventText } from './views/plane-events.ts';

export function planeNotice(event: PlaneEvent | NftablesEvent): void {
  message(`warning: ${planeEventText(event)}`);
}

/** For `up`, whose table and change lines show ports that moved or failed. */
export function planeNoticeBesideTable(event: PlaneEvent | NftablesEvent): void {
  if (event.event !== 'listener-moved' && event.event !== 'listener-failed') planeNotice(event);
}

export function podNotice(pod: Pod, container: string, text: string): void {
  const where = container === '' || pod.spec.containers.length === 1 ? '' : `, container ${container}`;
  const about = text.startsWith('pod ') ? text : `pod ${pod.meta.namespace}/${pod.meta.name}${where}: ${text}`;
  message(`warning: ${about}`);
}
