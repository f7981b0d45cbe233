import type { Confidence } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { didYouMean, nearest } from '../text.ts';
import { mentions } from './mentions.ts';

export const r51: Rule = {
  id: 'R51',
  title: 'an address of a Service that is not there',
  confidence: 'likely',
  *check(context) {
    for (const { subject, field, text, service, namespace, qualified, entry } of mentions(context)) {
      if (entry !== undefined || context.knowsService(namespace, service)) continue;
      // A file may hold any name; only one that is written as a Service's is taken for that.
      if (subject.kind === 'ConfigMap' && !qualified) continue;
      // R50 says it better.
      if (!qualified && context.services.some(other => other.object.meta.name === service)) continue;
      const known = context.servicesIn(namespace).map(other => other.object.meta.name);
      if (known.length === 0) continue;
      const near = nearest(service, known);
      const confidence: Confidence = near !== undefined || (context.complete && qualified) ? 'likely' : 'hint';
      yield {
        subject,
        field,
        confidence,
        message: `"${text}" asks for Service ${service} in namespace "${namespace}", which is not${context.where === '' ? ' there' : context.where}.${didYouMean(near)}`,
        fix:
          near === undefined
            ? `Add Service ${service} to namespace "${namespace}", or correct the name.`
            : `Write ${near} in place of ${service}.`,
      };
    }
  },
};
