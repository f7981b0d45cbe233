import { resolveTargetPort } from '../../endpoints/index.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';

export const r24: Rule = {
  id: 'R24',
  title: 'port and targetPort of a headless Service differ',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      if (!service.headless || Object.keys(service.selector ?? {}).length === 0) continue;
      for (const [index, port] of service.ports.entries()) {
        const numbers =
          typeof port.targetPort === 'number'
            ? [port.targetPort]
            : context.servingFor(service).flatMap(group => resolveTargetPort(port, group.pod) ?? []);
        if (numbers.length === 0 || numbers.includes(port.port)) continue;
        // If another Service offers the port to clients, the headless one only provides the pods' names.
        const others = context
          .servingFor(service)
          .flatMap(group => context.selecting(group))
          .some(other => !other.object.headless && other.object.ports.some(p => p.port === port.port));
        const target = listed(numbers.map(String));
        yield {
          subject,
          field: `spec.ports[${index}].port`,
          confidence: others ? 'hint' : 'certain',
          message: `Service ${service.meta.name} is headless: its name resolves to the pods' own addresses and nothing translates ports, so clients must dial ${target}; connections to ${port.port} are refused.`,
          fix: `Set port: ${numbers[0]}, or remove clusterIP: None.`,
          patch: [{ op: 'replace', path: `/spec/ports/${index}/port`, value: numbers[0] }],
        };
      }
    }
  },
};
