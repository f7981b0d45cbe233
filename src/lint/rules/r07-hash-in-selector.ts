import type { Rule } from '../rule.ts';

const HASHES = ['pod-template-hash', 'controller-revision-hash'];

export const r07: Rule = {
  id: 'R07',
  title: 'the selector holds a hash that changes with each roll-out',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      for (const key of HASHES) {
        if (service.selector?.[key] === undefined) continue;
        yield {
          subject,
          field: `spec.selector[${key}]`,
          message: `Service ${service.meta.name} selects ${key}: ${service.selector[key]}, a label that a controller gives to the pods of one revision; after the next roll-out no pod has it.`,
          fix: `Remove ${key} from spec.selector.`,
          patch: [{ op: 'remove', path: `/spec/selector/${key}` }],
        };
      }
    }
  },
};
