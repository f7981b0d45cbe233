import {
  carryOut,
  hostsPath,
  installedRules,
  ownerText,
  type Plan,
  planScript,
  planText,
  readHosts,
  readSystemState,
  removeBlocks,
} from '../../../resolver-setup/index.ts';
import { EXIT } from '../../exit-codes.ts';
import { message, print } from '../../terminal.ts';
import { confirmed } from './confirm.ts';
import type { DnsUninstallFlags } from './flags.ts';

/**
 * Removes what `dns install` has configured, by any mechanism.
 *
 * @returns the exit code
 * @throws SWB_USAGE, SWB_SETUP_CONFLICT, SWB_SETUP_FAILED
 */
export async function dnsUninstall(flags: DnsUninstallFlags): Promise<number> {
  const state = await readSystemState(flags.root);
  const rules = installedRules(state);
  const path = hostsPath(flags.root);
  const { blocks } = await readHosts(path);
  if (rules.length === 0 && blocks.length === 0) {
    message("nothing to do: Switchboard is not installed in this system's DNS configuration");
    return EXIT.fine;
  }
  const plan: Plan = { steps: distinct(rules.flatMap(rule => rule.undo)), notes: [] };
  const lines = blocks.map(({ owner }) => `remove the entries of ${ownerText(owner)} from ${path}\n`);
  if (flags.print) {
    const cut = blocks.length === 0 ? '' : `sed -i '/^# switchboard: begin /,/^# switchboard: end/d' ${path}\n`;
    print(`${planScript(plan)}${cut}`);
    return EXIT.fine;
  }
  if (!(await confirmed(`${planText(plan)}${lines.join('')}`, flags))) return EXIT.finding;
  const warnings = await carryOut(plan, flags.root);
  if (blocks.length > 0) await removeBlocks(path, 'all');
  for (const warning of warnings) message(`warning: ${warning}`);
  message('uninstalled');
  return EXIT.fine;
}

/** Several rules may end with the same command, such as a reload; it runs once. */
function distinct<T>(steps: readonly T[]): T[] {
  const seen = new Map(steps.map(step => [JSON.stringify(step), step]));
  return [...seen.values()];
}
