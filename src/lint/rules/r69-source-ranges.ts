import { addressRange } from '../../kube/address.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';

export const r69: Rule = {
  id: 'R69',
  title: 'loadBalancerSourceRanges lets private addresses in only',
  confidence: 'hint',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      const ranges = service.loadBalancerSourceRanges;
      const annotations = Object.entries(service.meta.annotations);
      // Where the load balancer itself is private, so are its clients.
      if (ranges.length === 0 || annotations.some(([key, value]) => /internal/i.test(key) || value === 'internal'))
        continue;
      if (!ranges.every(range => ['private', 'uniqueLocal', 'carrierGradeNat'].includes(addressRange(range.network))))
        continue;
      const list = listed(ranges.map(range => `${range.network}/${range.prefix}`));
      yield {
        subject,
        field: 'spec.loadBalancerSourceRanges',
        message: `Service ${service.meta.name} answers clients from ${list} only, which are private addresses: a client from the internet, or one behind NAT, runs into a timeout.`,
        fix: 'Add the ranges of the clients as the load balancer sees them, if others are to reach it.',
      };
    }
  },
};
