import { keyOf, type ObjectEvent, type Pod } from '../kube/index.ts';

/**
 * Makes pods as if a cluster ran them: pods without an address get an unused one (the benchmark range 198.18.0.0/15,
 * RFC 2544) and are ready. For the evaluation of manifests, where it matters which pods a Service selects and on which
 * ports; never for serving.
 */
export function assumeRunning(events: readonly ObjectEvent[]): { events: ObjectEvent[]; assumed: ReadonlySet<string> } {
  const assumed = new Set<string>();
  const result = events.map((event): ObjectEvent => {
    if (event.type !== 'set' || event.object.kind !== 'Pod' || event.object.status.podIPs.length > 0) return event;
    if (event.object.status.phase !== 'Pending') return event;
    assumed.add(keyOf(event.object.meta));
    return { type: 'set', object: running(event.object, assumed.size) };
  });
  return { events: result, assumed };
}

function running(pod: Pod, number: number): Pod {
  const v4 = `198.${18 + ((number >> 16) & 1)}.${(number >> 8) & 255}.${number & 255}`;
  return {
    ...pod,
    status: {
      phase: 'Running',
      podIPs: [v4, `2001:2::${number.toString(16)}`],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}
