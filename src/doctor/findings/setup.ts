import { hostPort } from '../../kube/address.ts';
import { type Examination, type Finding, ownAnswer } from '../examination.ts';

/** Whether there is a server of ours at all, and who has its ports. */
export function server({ paths, domain, held, system }: Examination): Finding[] {
  if (paths.some(({ path }) => path.kind === 'ours')) {
    const taken = held.filter(text => text.startsWith('53 '));
    return taken.map(text => ({
      id: 'port-53',
      level: 'note',
      says: `127.0.0.1:${text}, so our server is at another port: "dns install" names it, a plain resolv.conf cannot`,
    }));
  }
  const who = held.length === 0 ? '' : ` (127.0.0.1:${held.join(', 127.0.0.1:')})`;
  return [
    {
      id: 'no-server',
      // The hosts file, or a cluster's own server, may have it.
      level: system.kind === 'found' ? 'note' : 'problem',
      says: `no server of ours answers for ${domain} on this machine${who}`,
      fix: 'switchboard up -f ..., or switchboard dns -f ...',
    },
  ];
}

/** Rules of ours in the system that lead to nobody, or that nobody reads. */
export function rules({ rules: all, charge, paths }: Examination): Finding[] {
  return all.flatMap(({ installed, serverAnswers, isRead }): Finding[] => {
    const { rule, place } = installed;
    if (rule === undefined) {
      const fix = 'switchboard dns uninstall, then switchboard dns install';
      return [{ id: 'rule-edited', level: 'problem', says: `${place} is ours, and has been edited`, fix }];
    }
    const found: Finding[] = [];
    const now = paths.flatMap(({ path }) =>
      path.kind === 'ours' ? [hostPort(path.place.address, path.place.port)] : [],
    );
    if (!serverAnswers) {
      found.push({
        id: 'rule-stale',
        level: 'problem',
        says: `${place} leads ${rule.domain} to ${hostPort(rule.address, rule.port)}, where nobody answers for it${now.length === 0 ? '' : `; our server is at ${now.join(', ')} now`}`,
        fix:
          now.length === 0
            ? 'switchboard up -f ..., or switchboard dns -f ...'
            : 'switchboard dns install writes the new place',
      });
    }
    if (!isRead) {
      const decides = charge.kind === 'whole' ? charge.why : `${charge.name} decides (${charge.because})`;
      found.push({
        id: 'rule-unread',
        level: 'problem',
        says: `${place} is not read: ${decides}`,
        fix: 'switchboard dns uninstall, then switchboard dns install',
      });
    }
    return found;
  });
}

/** Without a link that leads somewhere it fails at once, even where a server is on loopback (seen with systemd 252). */
const OFFLINE: Finding = {
  id: 'offline',
  level: 'problem',
  says: 'systemd-resolved asks nobody, us neither, while this machine has no network',
  fix: 'switchboard run -f ... -- COMMAND for one command, or switchboard dns install --hosts-file, until there is one',
};

/** Our server knows the name, and the system does not ask it. */
export function unasked(seen: Examination): Finding[] {
  const { system, full, charge, domain } = seen;
  const own = ownAnswer(seen);
  if (own === undefined || system.kind === 'found' || full?.system.kind === 'found') return [];
  if (!own.name.endsWith(`.${domain}`)) return [];
  const healthy = seen.rules.filter(
    ({ installed, serverAnswers }) => installed.rule?.domain === domain && serverAnswers,
  );
  if (healthy.length > 0) {
    const resolved = charge.kind === 'mechanism' && charge.name === 'systemd-resolved';
    if (resolved && seen.facts.interfaces.length === 0) return [OFFLINE];
    const fix = resolved
      ? 'resolvectl flush-caches; resolvectl query NAME shows whom it asks'
      : 'start the system resolver anew, so that it reads its files and forgets what it did not find';
    return [
      {
        id: 'not-heard',
        level: 'problem',
        says: `the system is told to ask us for ${domain}, and does not find it`,
        fix,
      },
    ];
  }
  if (seen.rules.some(({ installed }) => installed.rule?.domain === domain)) return [];
  const says = `our server knows ${own.name}, and the system is not told to ask it`;
  const fix =
    charge.kind === 'mechanism'
      ? 'switchboard dns install'
      : 'switchboard run -f ... -- COMMAND for one command, or switchboard dns install --hosts-file';
  return [{ id: 'not-installed', level: 'problem', says, fix }];
}

/** It resolves, to somewhere else. */
export function elsewhere(seen: Examination): Finding[] {
  const { system, expected } = seen;
  const right = expected ?? (seen.full === undefined ? undefined : ownAnswer(seen)?.addresses);
  if (system.kind !== 'found' || right === undefined || right.length === 0) return [];
  if (system.addresses.every(address => right.includes(address))) return [];
  return [
    {
      id: 'elsewhere',
      level: 'problem',
      says: `the system leads it to ${system.addresses.join(', ')}, and it is at ${right.join(', ')}`,
      fix: 'see which of the ways above says so',
    },
  ];
}
