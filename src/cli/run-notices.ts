import type { Pod } from '../kube/objects.ts';
import type { PlaneEvent } from '../planes/userspace/index.ts';
import { planeEventText } from './views/plane-events.ts';

/** What `run` says of Services and pods: only what goes wrong, on standard error; standard output is the command's. */
export const runNotices = {
  podNotice(pod: Pod, container: string, text: string): void {
    const where = container === '' || pod.spec.containers.length === 1 ? '' : `, container ${container}`;
    const about = text.startsWith('pod ') ? text : `pod ${pod.meta.namespace}/${pod.meta.name}${where}: ${text}`;
    process.stderr.write(`warning: ${about}\n`);
  },

  planeEvent(event: PlaneEvent): void {
    process.stderr.write(`warning: ${planeEventText(event)}\n`);
  },
};
