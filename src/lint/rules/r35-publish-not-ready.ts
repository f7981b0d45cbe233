import type { Rule } from '../rule.ts';

export const r35: Rule = {
  id: 'R35',
  title: 'a Service with a cluster IP publishes pods that are not ready',
  confidence: 'hint',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      if (!service.publishNotReadyAddresses || service.headless || service.type === 'ExternalName') continue;
      yield {
        subject,
        field: 'spec.publishNotReadyAddresses',
        message: `Service ${service.meta.name} has a cluster IP and publishNotReadyAddresses: true, which is meant for peer discovery, so its clients reach pods that are not ready.`,
        fix: 'Remove publishNotReadyAddresses, or set it on a separate headless Service for the peers.',
      };
    }
  },
};
