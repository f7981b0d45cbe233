import type { Rule } from '../rule.ts';

const HASHES = ['pod-template-hash', 'controller-revision-hash'];

export const r07: Rule = {
  id: 'R07',
  title: 'the selector contains a hash that changes with each rollout',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      for (const key of HASHES) {
        if (service.selector?.[key] === undefined) continue;
        yield {
          subject,
          field: `spec.selector[${key}]`,
          message: `Service ${service.meta.name} selects ${key}: ${service.selector[key]}, a label that a controller adds to the pods of one revision; after the next rollout no pod has it.`,
          fix: `Remove ${key} from spec.selector.`,
          patch: [{ op: 'remove', path: `/spec/selector/${key}` }],
        };
      }
    }
  },
};
