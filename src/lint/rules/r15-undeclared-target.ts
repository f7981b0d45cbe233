import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { undeclared } from './numeric-target.ts';

export const r15: Rule = {
  id: 'R15',
  title: 'targetPort is a number that no container declares',
  confidence: 'hint',
  *check(context) {
    for (const { entry, index, target, groups, declared, why } of undeclared(context)) {
      if (why !== 'unknown') continue;
      const instead =
        declared.length === 0
          ? ''
          : ` If the app does not listen on ${target}, did you mean ${listed(declared.map(String))}?`;
      yield {
        subject: entry.subject,
        field: `spec.ports[${index}].targetPort`,
        message: `No container of ${listed(groups.map(g => g.owner))} declares ${target}. That is legal if the app listens there.${instead}`,
        fix: `Declare containerPort: ${target} in ${listed(groups.map(g => g.owner))} if it is right, or correct targetPort.`,
      };
    }
  },
};
