import type { Rule } from '../rule.ts';
import { didYouMean } from '../text.ts';
import { nearestHeadless } from './references.ts';

export const r57: Rule = {
  id: 'R57',
  title: 'subdomain of a pod is not a headless Service that selects it',
  confidence: 'certain',
  *check(context) {
    for (const group of context.groups.all) {
      // R52 covers the pods of a StatefulSet, whose subdomain is serviceName.
      const { subdomain, hostname } = group.pod.spec;
      if (subdomain === undefined || group.owner.startsWith('StatefulSet ')) continue;
      const { namespace } = group.pod.meta;
      const base = { subject: group.subject, field: `${group.specPath}.subdomain` };
      const effect = `${hostname ?? 'NAME'}.${subdomain}.${namespace} does not resolve`;
      const entry = context.service(namespace, subdomain);
      if (entry === undefined) {
        if (context.mayHaveService(namespace, subdomain)) continue;
        const near = nearestHeadless(context, namespace, subdomain);
        yield {
          ...base,
          confidence: near === undefined ? context.missing('hint') : 'likely',
          message: `${group.owner} has subdomain: ${subdomain}, but namespace "${namespace}" has no such Service${context.where}, so ${effect}.${didYouMean(near)}`,
          fix:
            near === undefined
              ? `Add a headless Service ${subdomain} that selects these pods.`
              : `Set subdomain: ${near}.`,
        };
      } else if (!entry.object.headless) {
        yield {
          ...base,
          message: `${group.owner} has subdomain: ${subdomain}, but Service ${subdomain} has a cluster IP, so ${effect}.`,
          fix: `Make Service ${subdomain} headless (clusterIP: None), or add a headless one.`,
        };
      } else if (
        !context.selectedBy(entry.object).includes(group) &&
        Object.keys(entry.object.selector ?? {}).length > 0
      ) {
        yield {
          ...base,
          message: `${group.owner} has subdomain: ${subdomain}, but Service ${subdomain} does not select these pods, so ${effect}.`,
          fix: `Change the selector of Service ${subdomain} to match ${group.labelsPath}.`,
        };
      }
    }
  },
};
