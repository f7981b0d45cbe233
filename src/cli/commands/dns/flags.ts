import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { collect, collectUnlessNo, type FlagsOf, ttlSeconds, withInput } from '../../options/index.ts';

export function withDnsFlags(command: Command) {
  return withInput(command)
    .option('--listen <address:port>', 'address to listen on (repeatable; default: 127.0.0.1:1053)', collect, [])
    .addOption(
      new Option('--addresses <which>', 'answer with cluster IPs, or with the listeners of a running "switchboard up"')
        .choices(['cluster', 'local'])
        .default('cluster'),
    )
    .addOption(new Option('--ttl <seconds>', 'TTL of answers').argParser(ttlSeconds).default(5))
    .addOption(
      new Option('--pods <mode>', 'names of pods by IP: none, any IP, or the IPs of pods only')
        .choices(['disabled', 'insecure', 'verified'])
        .default('verified'),
    )
    .option('--zone <name>', 'authoritative zone, forward or reverse (repeatable; default: cluster.local)', collect, [])
    .addOption(new Option('--namespaces <names>', 'serve these namespaces only, separated by commas').argParser(names))
    .option('--ignore-empty-services', 'answer NXDOMAIN for Services with a cluster IP but no ready endpoint', false)
    .option('--endpoint-pod-names', 'name endpoints without a hostname after their pod', false)
    .option('--server-address <ip>', 'address of ns.dns.ZONE (repeatable; default: --listen)', collect, [])
    .addOption(
      new Option('--sockets <n>', 'number of UDP sockets, each on its own core (Linux)')
        .argParser(socketCount)
        .default(1),
    )
    .addOption(
      new Option(
        '--forward <[zone=]ip[:port]>',
        'upstream server for all other names (repeatable; default: resolv.conf)',
      ).argParser(collectUnlessNo),
    )
    .option('--no-forward', 'refuse all other names')
    .option('--metrics <address:port>', 'serve Prometheus metrics at /metrics on this address');
}

export type DnsFlags = FlagsOf<typeof withDnsFlags>;

function socketCount(value: string): number {
  const count = Number(value);
  if (/^\d+$/.test(value) && count >= 1 && count <= 64) return count;
  throw new InvalidArgumentError('It must be a whole number from 1 to 64.');
}

function names(value: string): string[] {
  const list = value
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
  if (list.length === 0) throw new InvalidArgumentError('It names no namespace.');
  return list;
}
