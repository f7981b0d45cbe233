import type { ActiveResolver } from './active-resolver.ts';
import { answersFor } from './ask.ts';
import type { Installed } from './mechanism.ts';

/** Whether an installed rule works. */
export interface RuleHealth {
  readonly installed: Installed;
  /** A server of the domain answers at its address. */
  readonly serverAnswers: boolean;
  /** The system's active resolver is the one that reads the rule. */
  readonly isRead: boolean;
}

export async function ruleHealth(installed: Installed, charge: ActiveResolver): Promise<RuleHealth> {
  const { rule, mechanism } = installed;
  return {
    installed,
    serverAnswers: rule !== undefined && (await answersFor(rule, rule.domain)),
    isRead: charge.kind === 'mechanism' && charge.name === mechanism,
  };
}
