import { rawField, readIngress } from '../kinds/index.ts';
import type { Rule } from '../rule.ts';
import { missingService } from './references.ts';

export const r60: Rule = {
  id: 'R60',
  title: 'an Ingress names a Service that does not exist',
  confidence: 'certain',
  *check(context) {
    for (const { subject, value, apiVersion } of context.others('Ingress')) {
      if (!apiVersion.startsWith('networking.k8s.io/')) continue;
      for (const backend of readIngress(rawField(value))) {
        const { namespace } = subject;
        const problem = missingService(context, {
          subject,
          namespace,
          name: backend.service,
          field: backend.nameField,
        });
        if (problem !== undefined) yield problem;
      }
    }
  },
};
