import type { Confidence } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { didYouMean, nearest } from '../text.ts';
import { mentions } from './mentions.ts';

export const r51: Rule = {
  id: 'R51',
  title: 'an address of a Service that does not exist',
  confidence: 'likely',
  *check(context) {
    for (const { subject, field, text, service, namespace, qualified, entry } of mentions(context)) {
      if (entry !== undefined || context.mayHaveService(namespace, service)) continue;
      // A file may contain any name; only names with `.svc` count.
      if (subject.kind === 'ConfigMap' && !qualified) continue;
      // R50 reports this case.
      if (!qualified && context.services.some(other => other.object.meta.name === service)) continue;
      const names = context.servicesIn(namespace).map(other => other.object.meta.name);
      if (names.length === 0) continue;
      const near = nearest(service, names);
      const confidence: Confidence = near !== undefined || (context.complete && qualified) ? 'likely' : 'hint';
      yield {
        subject,
        field,
        confidence,
        message: `"${text}" refers to Service ${service} in namespace "${namespace}", which ${context.where === '' ? 'does not exist' : `is not${context.where}`}.${didYouMean(near)}`,
        fix:
          near === undefined
            ? `Add Service ${service} to namespace "${namespace}", or correct the name.`
            : `Write ${near} instead of ${service}.`,
      };
    }
  },
};
