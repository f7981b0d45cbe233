import { resolveTargetPort } from '../../endpoints/index.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { mentions } from './mentions.ts';

export const r58: Rule = {
  id: 'R58',
  title: 'a client uses a port that the Service does not have',
  confidence: 'likely',
  *check(context) {
    for (const { subject, field, text, port, entry } of mentions(context)) {
      if (entry === undefined || port === undefined) continue;
      const service = entry.object;
      // An alias has no ports, and clients of a headless Service dial the pods' own ports.
      if (service.type === 'ExternalName' || service.headless || service.ports.some(p => p.port === port)) continue;
      const groups = context.servingFor(service);
      const target = service.ports.find(p => groups.some(g => resolveTargetPort(p, g.pod) === port));
      const have = listed(service.ports.map(p => String(p.port)));
      const right = target?.port ?? (service.ports.length === 1 ? service.ports[0]?.port : undefined);
      yield {
        subject,
        field,
        message: `"${text}" uses port ${port} of Service ${service.meta.name}, which has only ${have}.${target === undefined ? '' : ` ${port} is the pods' port behind ${target.port}.`}`,
        fix: right === undefined ? `Use one of ${have} instead of ${port}.` : `Use port ${right} instead of ${port}.`,
      };
    }
  },
};
