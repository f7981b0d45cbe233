import { hostPort } from '../../net/index.ts';
import { type Examination, type Finding, overlap, ownAnswer, rightAddresses } from '../examination.ts';

const VPN_NAMES = /^(tun|tap|utun|wg|ppp|tailscale|zt|ipsec|nordlynx|proton|gpd|cscotun)\w*$/;

/** A VPN brings DNS servers of its own, and often routes all names to them. */
export function vpn({ state, domain, system }: Examination): Finding[] {
  const found: Finding[] = [];
  for (const { name, domains, servers } of state.systemd.links) {
    const below = domains.find(each => isOver(domain, each.replace(/^~/, '')));
    if (below !== undefined) {
      found.push({
        id: 'link-domain',
        level: 'problem',
        says: `interface ${name} routes ${below} to ${servers.join(', ') || 'no server'}, and with it names below ${domain}`,
        fix: `use another domain (up --cluster-domain, dns install --cluster-domain), or remove it from the link with resolvectl domain ${name}`,
      });
    } else if (domains.includes('~.')) {
      found.push({
        id: 'link-takes-all',
        level: 'note',
        says: `interface ${name} routes all names that no other link has (~.), except ${domain} after "dns install"`,
      });
    }
  }
  const vpns = state.interfaces.filter(name => VPN_NAMES.test(name));
  if (vpns.length > 0) {
    found.push({
      id: 'vpn',
      level: 'note',
      says: `a VPN seems to be up (${vpns.join(', ')})${system.kind === 'found' ? '' : ', which may have set DNS servers of its own'}`,
    });
  }
  return found;
}

/** Whether a link's domain equals or is below the cluster domain, so that it takes names from it. */
function isOver(domain: string, other: string): boolean {
  return other === domain || other.endsWith(`.${domain}`);
}

/** Sources in nsswitch.conf that end the lookup before DNS. */
export function switchOrder(seen: Examination): Finding[] {
  const { state, system, name } = seen;
  if (system.kind === 'found' || state.musl) return [];
  const found: Finding[] = [];
  const at = state.sources.findIndex(source => source.name === 'dns' || source.name === 'resolve');
  if (at === -1) {
    const says = 'nsswitch.conf has neither dns nor resolve for hosts, so no DNS server is used';
    found.push({ id: 'no-dns', level: 'problem', says, fix: 'hosts: files dns' });
  }
  const mdns = state.sources
    .slice(0, at)
    .find(source => /^mdns/.test(source.name) && /NOTFOUND=return/i.test(source.actions));
  if (mdns !== undefined && (seen.full?.name ?? name).endsWith('.local') && answered(seen)) {
    found.push({
      id: 'mdns',
      level: 'problem',
      says: `${mdns.name} ${mdns.actions} comes before dns in nsswitch.conf and ends the lookup of names in .local`,
      fix: 'move dns before it, or use a domain that does not end in .local (up --cluster-domain)',
    });
  }
  return found;
}

function answered({ paths }: Examination): boolean {
  return paths.some(({ path, outcome }) => path.kind !== 'hosts' && path.kind !== 'ours' && outcome.kind === 'found');
}

/** Servers of resolv.conf that disagree, or do not answer. */
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
          : `cannot be reached: ${outcome.why}`;
      found.push({
        id: 'silent-server',
        level: seen.system.kind === 'found' ? 'note' : 'problem',
        says: `${where} (${path.kind}) ${why}`,
        fix: 'check whether the server runs, and whether the network or a VPN is up',
      });
    }
    if (uneven !== undefined) {
      found.push({
        id: 'uneven',
        level: 'problem',
        says: `${where} (${path.kind}) answers inconsistently: ${uneven}; some programs read that as "no such name", others wait`,
        fix: 'use another server, or report the fault to its operator',
      });
    }
  }
  const yes = asked.filter(
    ({ outcome }) => outcome.kind === 'found' && right !== undefined && overlap(outcome.addresses, right),
  );
  const no = asked.filter(({ outcome }) => outcome.kind === 'nothing');
  if (ownAnswer(seen) !== undefined && yes.length > 0 && no.length > 0) {
    const rotates = seen.state.resolvConf?.conf.options.includes('rotate') === true;
    if (rotates || seen.state.musl) {
      found.push({
        id: 'mixed-servers',
        level: 'problem',
        says: `resolv.conf has servers that know the name and others that do not, and ${rotates ? 'options rotate uses them in turn' : 'musl uses the first reply'}`,
        fix: 'keep one server in resolv.conf that forwards to the others',
      });
    }
  }
  return found;
}
