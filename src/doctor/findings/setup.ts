import { hostPort } from '../../net/index.ts';
import { type Examination, type Finding, ownAnswer } from '../examination.ts';

/** Whether Switchboard's server runs, and what holds its ports. */
export function server({ paths, domain, held, system }: Examination): Finding[] {
  if (paths.some(({ path }) => path.kind === 'ours')) {
    const taken = held.filter(text => text.startsWith('53 '));
    return taken.map(text => ({
      id: 'port-53',
      level: 'note',
      says: `127.0.0.1:${text}, so Switchboard's server uses another port: "dns install" can name it, a plain resolv.conf cannot`,
    }));
  }
  const who = held.length === 0 ? '' : ` (127.0.0.1:${held.join(', 127.0.0.1:')})`;
  return [
    {
      id: 'no-server',
      // The hosts file or a cluster's DNS server may resolve the name.
      level: system.kind === 'found' ? 'note' : 'problem',
      says: `Switchboard's DNS server for ${domain} is not running${who}`,
      fix: 'switchboard up -f ..., or switchboard dns -f ...',
    },
  ];
}

/** Installed rules whose server does not answer, or that the active resolver does not read. */
export function rules({ rules: all, resolver, paths }: Examination): Finding[] {
  return all.flatMap(({ installed, serverAnswers, isRead }): Finding[] => {
    const { rule, place } = installed;
    if (rule === undefined) {
      const fix = 'switchboard dns uninstall, then switchboard dns install';
      return [{ id: 'rule-edited', level: 'problem', says: `${place} was edited after "dns install" wrote it`, fix }];
    }
    const found: Finding[] = [];
    const now = paths.flatMap(({ path }) =>
      path.kind === 'ours' ? [hostPort(path.place.address, path.place.port)] : [],
    );
    if (!serverAnswers) {
      found.push({
        id: 'rule-stale',
        level: 'problem',
        says: `${place} sends ${rule.domain} to ${hostPort(rule.address, rule.port)}, where no server answers for it${now.length === 0 ? '' : `; Switchboard's server is at ${now.join(', ')} now`}`,
        fix: now.length === 0 ? 'switchboard up -f ..., or switchboard dns -f ...' : 'switchboard dns install',
      });
    }
    if (!isRead) {
      const decides =
        resolver.kind === 'whole' ? resolver.why : `the active resolver is ${resolver.name} (${resolver.because})`;
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

/** Without a network link, systemd-resolved fails at once, even for servers on loopback (seen with systemd 252). */
const OFFLINE: Finding = {
  id: 'offline',
  level: 'problem',
  says: 'systemd-resolved uses no server, not even on loopback, while this machine has no network',
  fix: 'switchboard run -f ... -- COMMAND for one command, or switchboard dns install --hosts-file, until there is one',
};

/** Switchboard's server knows the name, but the system does not ask it. */
export function unasked(seen: Examination): Finding[] {
  const { system, full, resolver, domain } = seen;
  const own = ownAnswer(seen);
  if (own === undefined || system.kind === 'found' || full?.system.kind === 'found') return [];
  if (!own.name.endsWith(`.${domain}`)) return [];
  const healthy = seen.rules.filter(
    ({ installed, serverAnswers }) => installed.rule?.domain === domain && serverAnswers,
  );
  if (healthy.length > 0) {
    const isResolved = resolver.kind === 'mechanism' && resolver.name === 'systemd-resolved';
    if (isResolved && seen.state.interfaces.length === 0) return [OFFLINE];
    const fix = isResolved
      ? 'resolvectl flush-caches; resolvectl query NAME shows which server it asks'
      : 'restart the system resolver, so that it reads its files and clears its cache';
    return [
      {
        id: 'not-heard',
        level: 'problem',
        says: `the system is set up to ask Switchboard's server for ${domain}, but does not resolve the name`,
        fix,
      },
    ];
  }
  if (seen.rules.some(({ installed }) => installed.rule?.domain === domain)) return [];
  const says = `Switchboard's server knows ${own.name}, but the system does not ask it`;
  const fix =
    resolver.kind === 'mechanism'
      ? 'switchboard dns install'
      : 'switchboard run -f ... -- COMMAND for one command, or switchboard dns install --hosts-file';
  return [{ id: 'not-installed', level: 'problem', says, fix }];
}

/** The name resolves to wrong addresses. */
export function elsewhere(seen: Examination): Finding[] {
  const { system, expected } = seen;
  const right = expected ?? (seen.full === undefined ? undefined : ownAnswer(seen)?.addresses);
  if (system.kind !== 'found' || right === undefined || right.length === 0) return [];
  if (system.addresses.every(address => right.includes(address))) return [];
  return [
    {
      id: 'elsewhere',
      level: 'problem',
      says: `the system resolves it to ${system.addresses.join(', ')}, but the Service is at ${right.join(', ')}`,
      fix: 'check which of the ways above returns that address',
    },
  ];
}
