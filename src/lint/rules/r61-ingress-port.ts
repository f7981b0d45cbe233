import { rawField, readIngress } from '../kinds/index.ts';
import type { Rule } from '../rule.ts';
import { pointer } from '../text.ts';
import { wrongPort } from './references.ts';

export const r61: Rule = {
  id: 'R61',
  title: 'an Ingress names a port that the Service does not have',
  confidence: 'certain',
  *check(context) {
    for (const { subject, value, apiVersion } of context.others('Ingress')) {
      if (!apiVersion.startsWith('networking.k8s.io/')) continue;
      for (const { service: name, port, portField } of readIngress(rawField(value))) {
        const service = context.service(subject.namespace, name)?.object;
        // The AWS controller's marker for backends that its annotations define.
        if (service === undefined || port === undefined || port === 'use-annotation') continue;
        if (service.ports.some(p => (typeof port === 'number' ? p.port === port : p.name === port && port !== '')))
          continue;
        const { why, right } = wrongPort(context, service, port);
        const member = typeof port === 'number' ? 'number' : 'name';
        const number = right !== undefined && /^\d+$/.test(right);
        yield {
          subject,
          field: portField,
          message: `Ingress ${subject.name} uses port ${member} ${port}. ${why}`,
          fix:
            right === undefined ? `Use one of the Service's ports.` : `Write ${number ? 'number' : 'name'}: ${right}.`,
          ...(right !== undefined && number === (member === 'number')
            ? { patch: [{ op: 'replace' as const, path: pointer(portField), value: number ? Number(right) : right }] }
            : {}),
        };
      }
    }
  },
};
