import { SwitchboardError } from '../../../errors.ts';
import {
  blockLines,
  type HostsNames,
  hostsNames,
  hostsPath,
  readHosts,
  writeBlock,
} from '../../../resolver-setup/index.ts';
import { type NamedSet, namedServices } from '../../dns/named-services.ts';
import { EXIT } from '../../exit-codes.ts';
import { print, printErr } from '../../terminal.ts';
import { confirmed } from './confirm.ts';
import type { DnsInstallFlags } from './flags.ts';

/**
 * Writes the names of Services to the hosts file.
 *
 * @returns the exit code
 * @throws SWB_USAGE, SWB_SETUP_CONFLICT, SWB_SETUP_FAILED; SWB_NOT_FOUND if no Service has an address; what `namedServices` throws
 */
export async function installHostsLines(flags: DnsInstallFlags, domain: string): Promise<number> {
  const named = await namedServices(flags);
  const path = hostsPath(flags.root);
  const { others } = await readHosts(path);
  const taken = new Set(others.flatMap(line => line.names));
  const names = hostsNames(named.services, { domain, namespace: flags.namespace ?? 'default', taken });
  if (names.lines.length === 0) {
    throw new SwitchboardError(
      'SWB_NOT_FOUND',
      'no Service has an address for the hosts file: use -f with Services that have cluster IPs, or start "switchboard up"',
    );
  }
  const block = blockLines(named.owner, names.lines);
  if (flags.print) {
    print(`${block.join('\n')}\n`);
    return EXIT.fine;
  }
  const what = `add to ${path}\n${block.map(line => `    ${line}\n`).join('')}`;
  if (!(await confirmed(`${what}${hostsNotes(named, names)}`, flags))) return EXIT.finding;
  const changed = await writeBlock(path, named.owner, names.lines);
  printErr(
    changed ? `installed: ${lineCount(names.lines.length)} in ${path}\n` : `nothing to do: ${path} has these lines\n`,
  );
  return EXIT.fine;
}

function hostsNotes(named: NamedSet, names: HostsNames): string {
  const skipped =
    names.skipped.length === 0
      ? []
      : [`skipped, because other lines of the file have these names: ${names.skipped.join(', ')}`];
  const ends =
    named.owner.kind === 'process'
      ? [
          'these lines do not follow changes: install again after a change. After "switchboard up" has ended, the next install, uninstall or "doctor --fix" removes them',
        ]
      : [];
  return [...named.notes, ...skipped, ...ends].map(note => `note: ${note}\n`).join('');
}

function lineCount(lines: number): string {
  return `${lines} line${lines === 1 ? '' : 's'}`;
}
