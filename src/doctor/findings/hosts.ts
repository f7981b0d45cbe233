import { ownerText } from '../../resolver-setup/index.ts';
import { type Examination, type Finding, meet, rightAddresses } from '../examination.ts';

/** Blocks of ours that a process has left behind: their addresses are nobody's, or somebody else's by now. */
export function staleBlocks({ hosts }: Examination): Finding[] {
  return hosts.blocks
    .filter(block => block.stale)
    .map(({ owner, lines }) => ({
      id: 'stale-block',
      level: 'problem',
      says: `${hosts.path} has ${lines.length} line${lines.length === 1 ? '' : 's'} of ours for ${ownerText(owner)}, which has ended`,
      fix: 'switchboard doctor --fix, or switchboard dns uninstall',
    }));
}

/** The hosts file is asked first, so a wrong line there beats every server. */
export function contradictingLines(seen: Examination): Finding[] {
  const right = rightAddresses(seen);
  if (right === undefined) return [];
  const names = new Set([seen.name.toLowerCase().replace(/\.$/, ''), ...seen.asked, seen.full?.name ?? seen.name]);
  const found: Finding[] = seen.hosts.others
    .filter(line => line.names.some(name => names.has(name)) && !right.includes(line.address))
    .map(({ number, address, names: own }) => ({
      id: 'hosts-line',
      level: 'problem',
      says: `line ${number} of ${seen.hosts.path} leads ${own.join(' ')} to ${address}, and it is at ${right.join(', ')}`,
      fix: 'take the line out: another tool, or somebody, has left it',
    }));
  for (const block of seen.hosts.blocks.filter(each => !each.stale)) {
    const own = block.lines.filter(line => line.names.some(name => names.has(name))).map(line => line.address);
    if (own.length === 0 || meet(own, right)) continue;
    found.push({
      id: 'old-block',
      level: 'problem',
      says: `our own lines in ${seen.hosts.path} lead to ${own.join(', ')}, and it is at ${right.join(', ')}`,
      fix: 'switchboard dns install --hosts-file writes them anew',
    });
  }
  return found;
}
