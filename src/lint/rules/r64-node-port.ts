import { keyOf } from '../../kube/index.ts';
import type { Rule } from '../rule.ts';
import { faultRule } from './faults.ts';

const TITLE = 'a node port that is out of range or taken';
const rejected = faultRule('R64', TITLE);

export const r64: Rule = {
  id: 'R64',
  title: TITLE,
  confidence: 'certain',
  *check(context) {
    yield* rejected.check(context);
    for (const { fault, subject } of context.inventory.notes) {
      if (!fault.field.endsWith('.nodePort')) continue;
      const fix = 'Choose one from 30000 to 32767, or remove nodePort and let the cluster choose.';
      yield { subject, field: fault.field, confidence: 'likely', message: `nodePort ${fault.why}.`, fix };
    }
    const holders = new Map<string, string>();
    for (const { object: service, subject } of context.services) {
      if (service.type !== 'NodePort' && service.type !== 'LoadBalancer') continue;
      const key = keyOf(service.meta);
      for (const [index, port] of service.ports.entries()) {
        if (port.nodePort === undefined) continue;
        const id = `${port.nodePort}/${port.protocol}`;
        const holder = holders.get(id) ?? key;
        holders.set(id, holder);
        if (holder === key) continue;
        yield {
          subject,
          field: `spec.ports[${index}].nodePort`,
          message: `Node port ${id} of Service ${key} is also that of Service ${holder}; a cluster has each node port once, so the API rejects the second Service.`,
          fix: 'Choose another nodePort, or remove it and let the cluster choose.',
          patch: [{ op: 'remove', path: `/spec/ports/${index}/nodePort` }],
        };
      }
    }
  },
};
