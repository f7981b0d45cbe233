import type { Rule } from '../rule.ts';
import { didYouMean } from '../text.ts';
import { nearestHeadless } from './references.ts';

export const r52: Rule = {
  id: 'R52',
  title: 'serviceName of a StatefulSet is not a headless Service for its pods',
  confidence: 'certain',
  *check(context) {
    for (const { object: set, subject } of context.inventory.of('StatefulSet')) {
      const { serviceName } = set;
      const { namespace, name } = set.meta;
      if (serviceName === undefined) continue;
      const entry = context.service(namespace, serviceName);
      const field = 'spec.serviceName';
      const effect = `so ${name}-0.${serviceName} and the other pod names do not resolve`;
      if (entry === undefined) {
        if (context.mayHaveService(namespace, serviceName)) continue;
        const groups = context.groups
          .in(namespace)
          .filter(g => g.subject.kind === 'StatefulSet' && g.subject.name === name);
        const headless = groups.flatMap(g => context.selecting(g)).filter(e => e.object.headless);
        const candidate = headless.length === 1 ? headless[0]?.object.meta.name : undefined;
        const near = candidate ?? nearestHeadless(context, namespace, serviceName);
        yield {
          subject,
          field,
          // A StatefulSet works without the Service if no client uses its pods' names, and many charts ship it that way.
          confidence: near !== undefined ? 'likely' : 'hint',
          message: `StatefulSet ${name} has serviceName: ${serviceName}, but namespace "${namespace}" has no such Service${context.where}, ${effect}.${didYouMean(near)}`,
          fix:
            near === undefined
              ? `Add a headless Service ${serviceName} that selects these pods.`
              : `Set serviceName: ${near}.`,
          ...(near === undefined
            ? {}
            : { patch: [{ op: 'replace' as const, path: '/spec/serviceName', value: near }] }),
        };
        continue;
      }
      const groups = context.selectedBy(entry.object);
      const selects = groups.some(g => g.owner === `StatefulSet ${name}`);
      if (!entry.object.headless) {
        yield {
          subject,
          field,
          confidence: 'likely',
          message: `StatefulSet ${name} has serviceName: ${serviceName}, but Service ${serviceName} has a cluster IP. Only a headless Service gives pods their own names, ${effect}.`,
          fix: `Add a headless Service (clusterIP: None) with the same selector, and set serviceName to its name.`,
        };
      } else if (!selects && Object.keys(entry.object.selector ?? {}).length > 0) {
        yield {
          subject,
          field,
          message: `StatefulSet ${name} has serviceName: ${serviceName}, but Service ${serviceName} does not select its pods, ${effect}.`,
          fix: `Change the selector of Service ${serviceName} to the labels of the template, or set serviceName to another Service.`,
        };
      }
    }
  },
};
