import { type Examination, type Finding, ownAnswer } from '../examination.ts';

/** A short name that the search list does not make whole. */
export function shortName(seen: Examination): Finding[] {
  const { name, asked, system, full, domain } = seen;
  const own = ownAnswer(seen);
  if (own === undefined || full === undefined || system.kind === 'found') return [];
  if (!full.name.endsWith(`.${domain}`) || asked.includes(full.name)) return [];
  const { search = [], ndots = 1 } = seen.facts.resolvConf?.conf ?? {};
  const tail = full.name.slice(name.replace(/\.$/, '').length + 1);
  const why = search.includes(tail)
    ? `it has as many dots as ndots:${ndots} wants, so this libc (musl) does not try the search list`
    : `the search list (${search.join(' ') || 'empty'}) has no ${tail}`;
  return [
    {
      id: 'short-name',
      level: 'problem',
      says: `${name} is short for ${full.name}, and ${why}`,
      fix: `say ${full.name}, or give one command a pod's search list: switchboard run -n ${seen.namespace} -- COMMAND`,
    },
  ];
}

/** With a pod's ndots:5 every name of the world is first asked below each domain of the list. */
export function ndots({ name, asked, facts, paths }: Examination): Finding[] {
  const { search = [], ndots: wanted = 1 } = facts.resolvConf?.conf ?? {};
  const dots = name.split('.').length - 1;
  // One that the list makes whole is what the list is for.
  if (paths.some(({ outcome }) => outcome.kind === 'found' && outcome.name !== name.toLowerCase())) return [];
  if (wanted <= 1 || name.endsWith('.') || dots >= wanted || asked.length < 3) return [];
  return [
    {
      id: 'ndots',
      level: 'note',
      says: `ndots:${wanted} with ${search.length} search domains: ${name} is asked as ${asked.length} names, each for A and AAAA, the name itself last`,
      fix: 'a dot at its end asks for it alone',
    },
  ];
}
