import { addressRange } from '../../net/index.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';

export const r69: Rule = {
  id: 'R69',
  title: 'loadBalancerSourceRanges allows only private addresses',
  confidence: 'hint',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      const ranges = service.loadBalancerSourceRanges;
      const annotations = Object.entries(service.meta.annotations);
      // The clients of an internal load balancer have private addresses.
      if (ranges.length === 0 || annotations.some(([key, value]) => /internal/i.test(key) || value === 'internal'))
        continue;
      if (!ranges.every(range => ['private', 'uniqueLocal', 'carrierGradeNat'].includes(addressRange(range.network))))
        continue;
      const list = listed(ranges.map(range => `${range.network}/${range.prefix}`));
      yield {
        subject,
        field: 'spec.loadBalancerSourceRanges',
        message: `Service ${service.meta.name} accepts only clients from ${list}, which are private addresses; clients from the internet or behind NAT time out.`,
        fix: 'To allow other clients, add their ranges as the load balancer sees them.',
      };
    }
  },
};
