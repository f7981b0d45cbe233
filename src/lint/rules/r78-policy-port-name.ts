import { nameablePorts } from '../../endpoints/index.ts';
import type { Rule } from '../rule.ts';
import { didYouMean, listed, nearest } from '../text.ts';

export const r78: Rule = {
  id: 'R78',
  title: 'a NetworkPolicy names a port that the selected pods do not have',
  confidence: 'certain',
  *check(context) {
    for (const { policy, subject, selected } of context.policies()) {
      if (selected.length === 0) continue;
      for (const { port, protocol, field } of (policy.ingress ?? []).flatMap(rule => rule.ports)) {
        if (typeof port !== 'string') continue;
        const ports = selected.flatMap(group => nameablePorts(group.pod)).filter(p => p.name !== '');
        if (ports.some(p => p.name === port && p.protocol === protocol)) continue;
        const near = nearest(
          port,
          ports.map(p => p.name),
        );
        const other = ports.find(p => p.name === port);
        yield {
          subject,
          field,
          message:
            other === undefined
              ? `"${port}" is not the name of a port on ${listed(selected.map(g => g.owner))}, so the rule of NetworkPolicy ${subject.name} allows nothing.${didYouMean(near)}`
              : `"${port}" is a ${other.protocol} port on ${listed(selected.map(g => g.owner))}, but NetworkPolicy ${subject.name} allows ${protocol}.`,
          fix:
            other !== undefined
              ? `Write protocol: ${other.protocol}.`
              : near === undefined
                ? `Name the container port "${port}", or write its number.`
                : `Write port: ${near}.`,
        };
      }
    }
  },
};
