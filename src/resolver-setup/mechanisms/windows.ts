import type { Installed, Mechanism, Rule } from '../mechanism.ts';
import { parseServer } from '../server-address.ts';
import type { NrptRule } from '../system-state.ts';

/** The comment of Switchboard's rules in the Name Resolution Policy Table. */
export const NRPT_COMMENT = 'switchboard dns install';

/**
 * The Name Resolution Policy Table. It has addresses but no ports, so the server must listen on 53. A leading dot means
 * all names below the domain.
 */
export const windows: Mechanism = {
  name: 'windows',
  install: (rule, state) => {
    const { domain, address, port } = rule;
    if (port !== 53) {
      return {
        kind: 'unsupported',
        why: `Windows' name resolution policy table supports port 53 only, and the server is on port ${port}: start it with --dns 127.0.0.1:53`,
      };
    }
    const before = installed(state.nrpt);
    if (before.some(each => sameRule(each.rule, rule)) && before.length === 1) {
      return { kind: 'done', place: `the policy table's rule for .${domain}` };
    }
    const other = state.nrpt.find(each => each.comment !== NRPT_COMMENT && each.namespace === `.${domain}`);
    if (other !== undefined) {
      return { kind: 'conflict', why: `the policy table has another rule for .${domain}: ${other.servers}` };
    }
    const add = `Add-DnsClientNrptRule -Namespace '.${domain}' -NameServers '${address}' -Comment '${NRPT_COMMENT}'`;
    const steps = [...before.flatMap(each => each.undo), powershell(add), powershell('Clear-DnsClientCache')];
    return { kind: 'plan', plan: { steps, notes: ['nslookup does not read the policy table; Resolve-DnsName does'] } };
  },
  installed: state => installed(state.nrpt),
};

function installed(table: readonly NrptRule[]): Installed[] {
  const own = table.filter(({ comment }) => comment === NRPT_COMMENT);
  return own.map(({ namespace, servers }) => {
    const place = parseServer(servers);
    return {
      mechanism: 'windows',
      place: `the policy table's rule for ${namespace}`,
      rule: place === undefined ? undefined : { domain: namespace.replace(/^\./, ''), ...place },
      undo: [
        powershell(
          `Get-DnsClientNrptRule | Where-Object Comment -eq '${NRPT_COMMENT}' | Remove-DnsClientNrptRule -Force`,
        ),
      ],
    };
  });
}

function powershell(command: string) {
  return { kind: 'run', command: ['powershell', '-NoProfile', '-NonInteractive', '-Command', command] } as const;
}

function sameRule(a: Rule | undefined, b: Rule): boolean {
  return a !== undefined && a.domain === b.domain && a.address === b.address && a.port === b.port;
}
