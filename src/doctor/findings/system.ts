import { hostPort } from '../../kube/address.ts';
import { type Examination, type Finding, meet, ownAnswer, rightAddresses } from '../examination.ts';

const VPN_NAMES = /^(tun|tap|utun|wg|ppp|tailscale|zt|ipsec|nordlynx|proton|gpd|cscotun)\w*$/;

/** A VPN brings servers of its own, and often takes all names. */
export function vpn({ facts, domain, system }: Examination): Finding[] {
  const found: Finding[] = [];
  for (const { name, domains, servers } of facts.systemd.links) {
    const below = domains.find(each => isOver(domain, each.replace(/^~/, '')));
    if (below !== undefined) {
      found.push({
        id: 'link-domain',
        level: 'problem',
        says: `interface ${name} has ${below} asked at ${servers.join(', ') || 'no server'}: names below ${domain} go there`,
        fix: `give ours another name (up --cluster-domain, dns install --cluster-domain), or resolvectl domain ${name} without it`,
      });
    } else if (domains.includes('~.')) {
      found.push({
        id: 'link-takes-all',
        level: 'note',
        says: `interface ${name} takes all names that nobody else has (~.): ours are safe from it once "dns install" has named ${domain}`,
      });
    }
  }
  const vpns = facts.interfaces.filter(name => VPN_NAMES.test(name));
  if (vpns.length > 0) {
    found.push({
      id: 'vpn',
      level: 'note',
      says: `a VPN seems to be up (${vpns.join(', ')})${system.kind === 'found' ? '' : ': it may have brought servers of its own'}`,
    });
  }
  return found;
}

/** Whether a domain is ours or lies below ours, so that it takes names from us. */
function isOver(domain: string, other: string): boolean {
  return other === domain || other.endsWith(`.${domain}`);
}

/** What comes before DNS and ends the search. */
export function switchOrder(seen: Examination): Finding[] {
  const { facts, system, name } = seen;
  if (system.kind === 'found' || facts.musl) return [];
  const found: Finding[] = [];
  const at = facts.sources.findIndex(source => source.name === 'dns' || source.name === 'resolve');
  if (at === -1) {
    const says = 'nsswitch.conf has neither dns nor resolve for hosts: no server is ever asked';
    found.push({ id: 'no-dns', level: 'problem', says, fix: 'hosts: files dns' });
  }
  const mdns = facts.sources
    .slice(0, at)
    .find(source => /^mdns/.test(source.name) && /NOTFOUND=return/i.test(source.actions));
  if (mdns !== undefined && (seen.full?.name ?? name).endsWith('.local') && answered(seen)) {
    found.push({
      id: 'mdns',
      level: 'problem',
      says: `${mdns.name} ${mdns.actions} stands before dns in nsswitch.conf and ends the search for names in .local`,
      fix: 'put dns before it, or use a domain that does not end in .local (up --cluster-domain)',
    });
  }
  return found;
}

function answered({ paths }: Examination): boolean {
  return paths.some(({ path, outcome }) => path.kind !== 'hosts' && path.kind !== 'ours' && outcome.kind === 'found');
}

/** Servers of resolv.conf that say different things, or nothing. */
export function servers(seen: Examination): Finding[] {
  const found: Finding[] = [];
  const right = rightAddresses(seen);
  const asked = seen.paths.filter(({ path }) => path.kind === 'resolv.conf' || path.kind === 'resolved');
  for (const { path, outcome, uneven } of asked) {
    if (path.kind === 'hosts') continue;
    const where = hostPort(path.place.address, path.place.port);
    if (outcome.kind === 'silent' || outcome.kind === 'failed') {
      const why =
        outcome.kind === 'silent'
          ? `does not answer within ${outcome.ms / 1000} s, and programs wait for it each time`
          : `cannot be asked: ${outcome.why}`;
      found.push({
        id: 'silent-server',
        level: seen.system.kind === 'found' ? 'note' : 'problem',
        says: `${where} (${path.kind}) ${why}`,
        fix: 'see whether what listens there runs, and whether the network, or a VPN, is up',
      });
    }
    if (uneven !== undefined) {
      found.push({
        id: 'uneven',
        level: 'problem',
        says: `${where} (${path.kind}) is of two minds about ${uneven}: some programs take that for "no such name", others wait`,
        fix: 'ask another server, or have its keeper mend it',
      });
    }
  }
  const yes = asked.filter(
    ({ outcome }) => outcome.kind === 'found' && right !== undefined && meet(outcome.addresses, right),
  );
  const no = asked.filter(({ outcome }) => outcome.kind === 'nothing');
  if (ownAnswer(seen) !== undefined && yes.length > 0 && no.length > 0) {
    const rotates = seen.facts.resolvConf?.conf.options.includes('rotate') === true;
    if (rotates || seen.facts.musl) {
      found.push({
        id: 'mixed-servers',
        level: 'problem',
        says: `resolv.conf has servers that know the name and others that do not, and ${rotates ? 'options rotate asks them in turn' : 'musl takes the answer that comes first'}`,
        fix: 'leave one server in resolv.conf that asks the others',
      });
    }
  }
  return found;
}
