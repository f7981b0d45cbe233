import { SwitchboardError } from '../../../errors.ts';
import {
  blockLines,
  type HostsNames,
  hostsNames,
  hostsPath,
  readHosts,
  writeBlock,
} from '../../../resolver-setup/index.ts';
import { type Named, namedServices } from '../../dns/named-services.ts';
import { EXIT } from '../../exit-codes.ts';
import { confirmed } from './confirm.ts';
import type { DnsInstallFlags } from './flags.ts';

/**
 * Writes the names of Services into the hosts file.
 *
 * @returns the exit code
 * @throws SWB_USAGE, SWB_SETUP_CONFLICT, SWB_SETUP_FAILED; SWB_NOT_FOUND where no Service has an address; what `namedServices` throws
 */
export async function installHostsLines(flags: DnsInstallFlags, domain: string): Promise<number> {
  const named = await namedServices(flags);
  const path = hostsPath(flags.root);
  const { others } = await readHosts(path);
  const taken = new Set(others.flatMap(line => line.names));
  const names = hostsNames(named.services, { domain, namespace: flags.namespace ?? 'default', taken });
  if (names.lines.length === 0) {
    throw new SwitchboardError('SWB_NOT_FOUND', 'no Service has an address that a name could lead to');
  }
  const block = blockLines(named.owner, names.lines);
  if (flags.print) {
    process.stdout.write(`${block.join('\n')}\n`);
    return EXIT.fine;
  }
  const what = `add to ${path}\n${block.map(line => `    ${line}\n`).join('')}`;
  if (!(await confirmed(`${what}${hostsNotes(named, names)}`, flags))) return EXIT.finding;
  const changed = await writeBlock(path, named.owner, names.lines);
  process.stderr.write(
    changed ? `installed: ${many(names.lines.length)} in ${path}\n` : 'nothing to do: they are there\n',
  );
  return EXIT.fine;
}

function hostsNotes(named: Named, names: HostsNames): string {
  const left =
    names.skipped.length === 0 ? [] : [`other lines have these names, and keep them: ${names.skipped.join(', ')}`];
  const ends =
    named.owner.kind === 'process'
      ? [
          'the lines do not follow changes: install again after one; when "switchboard up" has ended they lead nowhere, and the next install, uninstall or "doctor --fix" takes them out',
        ]
      : [];
  return [...named.notes, ...left, ...ends].map(note => `note: ${note}\n`).join('');
}

function many(lines: number): string {
  return `${lines} line${lines === 1 ? '' : 's'}`;
}
