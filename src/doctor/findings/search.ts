import { type Examination, type Finding, ownAnswer } from '../examination.ts';

/** A short name that the search list does not complete. */
export function shortName(seen: Examination): Finding[] {
  const { name, asked, system, full, domain } = seen;
  const own = ownAnswer(seen);
  if (own === undefined || full === undefined || system.kind === 'found') return [];
  if (!full.name.endsWith(`.${domain}`) || asked.includes(full.name)) return [];
  const { search = [], ndots = 1 } = seen.state.resolvConf?.conf ?? {};
  const tail = full.name.slice(name.replace(/\.$/, '').length + 1);
  const why = search.includes(tail)
    ? `it has at least ${ndots} dot${ndots === 1 ? '' : 's'} (ndots:${ndots}), so this libc (musl) does not try the search list`
    : `the search list (${search.join(' ') || 'empty'}) has no ${tail}`;
  return [
    {
      id: 'short-name',
      level: 'problem',
      says: `${name} is short for ${full.name}, and ${why}`,
      fix: `use ${full.name}, or run one command with a pod's search list: switchboard run -n ${seen.namespace} -- COMMAND`,
    },
  ];
}

/** With a pod's ndots:5, every name is first queried below each domain of the search list. */
export function ndots({ name, asked, state, paths }: Examination): Finding[] {
  const { search = [], ndots: wanted = 1 } = state.resolvConf?.conf ?? {};
  const dots = name.split('.').length - 1;
  // The search list serves names that it completes.
  if (paths.some(({ outcome }) => outcome.kind === 'found' && outcome.name !== name.toLowerCase())) return [];
  if (wanted <= 1 || name.endsWith('.') || dots >= wanted || asked.length < 3) return [];
  return [
    {
      id: 'ndots',
      level: 'note',
      says: `ndots:${wanted} with ${search.length} search domains: ${name} is queried as ${asked.length} names, each for A and AAAA, the name itself last`,
      fix: 'a trailing dot queries the name alone',
    },
  ];
}
