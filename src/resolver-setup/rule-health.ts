import { answersFor } from './ask.ts';
import type { InCharge } from './in-charge.ts';
import type { Installed } from './mechanism.ts';

/** A rule of ours that is in the system, and what it is worth. */
export interface RuleHealth {
  readonly installed: Installed;
  /** There is a server of its domain where it leads. */
  readonly serverAnswers: boolean;
  /** What decides about names on this system is what it was written for. */
  readonly isRead: boolean;
}

export async function ruleHealth(installed: Installed, charge: InCharge): Promise<RuleHealth> {
  const { rule, mechanism } = installed;
  return {
    installed,
    serverAnswers: rule !== undefined && (await answersFor(rule, rule.domain)),
    isRead: charge.kind === 'mechanism' && charge.name === mechanism,
  };
}
