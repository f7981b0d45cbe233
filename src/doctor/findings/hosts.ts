import { ownerText } from '../../resolver-setup/index.ts';
import { type Examination, type Finding, overlap, rightAddresses } from '../examination.ts';

/** Blocks of processes that have ended: their addresses are unused, or used by other programs by now. */
export function staleBlocks({ hosts }: Examination): Finding[] {
  return hosts.blocks
    .filter(block => block.stale)
    .map(({ owner, lines }) => ({
      id: 'stale-block',
      level: 'problem',
      says: `${hosts.path} has ${lines.length} line${lines.length === 1 ? '' : 's'} of Switchboard for ${ownerText(owner)}, which has ended`,
      fix: 'switchboard doctor --fix, or switchboard dns uninstall',
    }));
}

/** The hosts file has precedence over DNS, so a wrong line there overrides every server. */
export function contradictingLines(seen: Examination): Finding[] {
  const right = rightAddresses(seen);
  if (right === undefined) return [];
  const names = new Set([seen.name.toLowerCase().replace(/\.$/, ''), ...seen.asked, seen.full?.name ?? seen.name]);
  const found: Finding[] = seen.hosts.others
    .filter(line => line.names.some(name => names.has(name)) && !right.includes(line.address))
    .map(({ number, address, names: own }) => ({
      id: 'hosts-line',
      level: 'problem',
      says: `line ${number} of ${seen.hosts.path} maps ${own.join(' ')} to ${address}, but the Service is at ${right.join(', ')}`,
      fix: 'remove the line, which another tool or a person added',
    }));
  for (const block of seen.hosts.blocks.filter(each => !each.stale)) {
    const own = block.lines.filter(line => line.names.some(name => names.has(name))).map(line => line.address);
    if (own.length === 0 || overlap(own, right)) continue;
    found.push({
      id: 'old-block',
      level: 'problem',
      says: `Switchboard's lines in ${seen.hosts.path} point to ${own.join(', ')}, but the Service is at ${right.join(', ')}`,
      fix: 'switchboard dns install --hosts-file',
    });
  }
  return found;
}
