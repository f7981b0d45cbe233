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
import { confirmed } from './confirm.ts';
import type { DnsUninstallFlags } from './flags.ts';

/**
 * Takes away what `dns install` has set, whichever way that was.
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
    process.stderr.write('nothing to do: nothing of ours is installed\n');
    return EXIT.fine;
  }
  const plan: Plan = { steps: distinct(rules.flatMap(rule => rule.undo)), notes: [] };
  const lines = blocks.map(({ owner }) => `take the block for ${ownerText(owner)} out of ${path}\n`);
  if (flags.print) {
    const cut = blocks.length === 0 ? '' : `sed -i '/^# switchboard: begin /,/^# switchboard: end/d' ${path}\n`;
    process.stdout.write(`${planScript(plan)}${cut}`);
    return EXIT.fine;
  }
  if (!(await confirmed(`${planText(plan)}${lines.join('')}`, flags))) return EXIT.finding;
  const warnings = await carryOut(plan, flags.root);
  if (blocks.length > 0) await removeBlocks(path, 'all');
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  process.stderr.write('uninstalled\n');
  return EXIT.fine;
}

/** Several rules may end with the same program being told. */
function distinct<T>(steps: readonly T[]): T[] {
  const seen = new Map(steps.map(step => [JSON.stringify(step), step]));
  return [...seen.values()];
}
