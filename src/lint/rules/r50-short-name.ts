import type { Rule } from '../rule.ts';
import { mentions } from './mentions.ts';

export const r50: Rule = {
  id: 'R50',
  title: 'a short name for a Service in another namespace',
  confidence: 'likely',
  *check(context) {
    for (const { subject, field, text, service, namespace, qualified, entry } of mentions(context)) {
      if (qualified || entry !== undefined || subject.kind === 'ConfigMap') continue;
      if (context.mayHaveService(namespace, service)) continue;
      const others = context.services.filter(other => other.object.meta.name === service);
      const [other] = others;
      if (other === undefined || others.length > 1) continue;
      const where = other.object.meta.namespace;
      // If the inputs contain no Service of that namespace, it may have one that is not in the files.
      const hasServices = context.servicesIn(namespace).length > 0 && context.operatorIn(namespace) === undefined;
      yield {
        subject,
        field,
        confidence: context.complete || hasServices ? 'likely' : 'hint',
        message: `"${text}" is looked up in namespace "${namespace}", but Service ${service} is in "${where}", so the name does not resolve.`,
        fix: `Write ${service}.${where} instead of ${service}.`,
      };
    }
  },
};
