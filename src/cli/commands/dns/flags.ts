import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { collect, collectUnlessNo, type FlagsOf, ttlSeconds, withInput } from '../../options/index.ts';

export function withDnsFlags(command: Command) {
  return withInput(command)
    .option('--listen <address:port>', 'where to answer (repeatable; default: 127.0.0.1:1053)', collect, [])
    .addOption(
      new Option('--addresses <which>', 'cluster IPs, or where a running "switchboard up" listens')
        .choices(['cluster', 'local'])
        .default('cluster'),
    )
    .addOption(new Option('--ttl <seconds>', 'how long answers may be kept').argParser(ttlSeconds).default(5))
    .addOption(
      new Option('--pods <mode>', 'names of pods by their address: none, any address, or those of pods')
        .choices(['disabled', 'insecure', 'verified'])
        .default('verified'),
    )
    .option(
      '--zone <name>',
      'a zone that is ours, forward or reverse (repeatable; default: cluster.local)',
      collect,
      [],
    )
    .addOption(new Option('--namespaces <names>', 'only these exist, joined by commas').argParser(names))
    .option('--ignore-empty-services', 'a Service with a cluster IP and no ready endpoint has no name', false)
    .option('--endpoint-pod-names', 'endpoints without a hostname are named after their pod', false)
    .option('--server-address <ip>', 'what ns.dns.ZONE leads to (repeatable; default: --listen)', collect, [])
    .addOption(
      new Option('--sockets <n>', 'UDP sockets, each on a core of its own (Linux)').argParser(socketCount).default(1),
    )
    .addOption(
      new Option(
        '--forward <[zone=]ip[:port]>',
        'whom to ask for other names (repeatable; default: resolv.conf)',
      ).argParser(collectUnlessNo),
    )
    .option('--no-forward', 'refuse other names')
    .option('--metrics <address:port>', 'show Prometheus metrics there, at /metrics');
}

export type DnsFlags = FlagsOf<typeof withDnsFlags>;

function socketCount(value: string): number {
  const count = Number(value);
  if (/^\d+$/.test(value) && count >= 1 && count <= 64) return count;
  throw new InvalidArgumentError('It must be a whole number from 1 to 64.');
}

function names(value: string): string[] {
  return value
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}
