import type { Rule } from '../rule.ts';
import { faultRule } from './faults.ts';

const TITLE = 'the API rejects the object, or ignores one of its fields';
const rejected = faultRule('R00', TITLE);

export const r00: Rule = {
  id: 'R00',
  title: TITLE,
  confidence: 'certain',
  *check(context) {
    yield* rejected.check(context);
    for (const { fault, subject } of context.inventory.notes) {
      if (fault.unknownField !== true) continue;
      yield {
        subject,
        field: fault.field,
        confidence: fault.fix.startsWith('write ') ? 'likely' : 'hint',
        message: `In ${fault.field}: ${fault.why}.`,
        fix: `${fault.fix.charAt(0).toUpperCase()}${fault.fix.slice(1)}.`,
      };
    }
  },
};
