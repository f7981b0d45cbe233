import type { Rule } from '../rule.ts';
import { mentions } from './mentions.ts';

export const r50: Rule = {
  id: 'R50',
  title: 'a short name for a Service of another namespace',
  confidence: 'likely',
  *check(context) {
    for (const { subject, field, text, service, namespace, qualified, entry } of mentions(context)) {
      if (qualified || entry !== undefined || subject.kind === 'ConfigMap') continue;
      if (context.knowsService(namespace, service)) continue;
      const others = context.services.filter(other => other.object.meta.name === service);
      const [other] = others;
      if (other === undefined || others.length > 1) continue;
      const where = other.object.meta.namespace;
      // Where nothing else of that namespace is given, the Service may be there and not among the files.
      const known = context.servicesIn(namespace).length > 0 && context.operatorIn(namespace) === undefined;
      yield {
        subject,
        field,
        confidence: context.complete || known ? 'likely' : 'hint',
        message: `"${text}" is looked up in namespace "${namespace}", and Service ${service} is in "${where}": the name does not resolve.`,
        fix: `Write ${service}.${where} in place of ${service}.`,
      };
    }
  },
};
