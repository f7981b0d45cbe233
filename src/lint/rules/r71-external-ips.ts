import type { Rule } from '../rule.ts';

export const r71: Rule = {
  id: 'R71',
  title: 'an external IP that no node has',
  confidence: 'likely',
  *check(context) {
    const nodes = context.inventory.of('Node').map(entry => entry.object);
    const addresses = new Set(nodes.flatMap(node => node.addresses));
    for (const { object: service, subject } of context.services) {
      for (const [index, address] of service.externalIPs.entries()) {
        if (addresses.has(address)) continue;
        yield {
          subject,
          field: `spec.externalIPs[${index}]`,
          confidence: addresses.size > 0 ? 'likely' : 'hint',
          message: `Service ${service.meta.name} accepts traffic for ${address} on every node${addresses.size > 0 ? ', but no node has that address' : ''}; your network must route it to a node.`,
          fix: `Route ${address} to a node, use a node's own address, or type: LoadBalancer.`,
        };
      }
    }
  },
};
