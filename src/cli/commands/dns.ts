import { Command, InvalidArgumentError, Option } from 'commander';
import { collect, collectAnew, type ForwardFlag, type InputFlags, ttlSeconds, withInput } from '../options.ts';
import { stopSignals } from '../signals.ts';
import { dnsInstallCommand, dnsStatusCommand, dnsUninstallCommand } from './dns-setup.ts';

export interface DnsFlags extends InputFlags {
  readonly listen: readonly string[];
  readonly addresses: 'cluster' | 'local';
  readonly ttl: number;
  readonly pods: 'disabled' | 'insecure' | 'verified';
  readonly zone: readonly string[];
  readonly namespaces?: readonly string[];
  readonly ignoreEmptyServices: boolean;
  readonly endpointPodNames: boolean;
  readonly serverAddress: readonly string[];
  readonly sockets: number;
  readonly metrics?: string;
  readonly forward: ForwardFlag;
}

export function dnsCommand(): Command {
  const command = new Command('dns')
    .summary("answer DNS for manifests' Services")
    .description(
      'Answers the names of Services, endpoints and pods as a cluster does, over UDP and TCP, and asks other servers for the rest.\nEdits of the manifests are live at once.',
    );
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
      ).argParser(collectAnew),
    )
    .option('--no-forward', 'refuse other names')
    .option('--metrics <address:port>', 'show Prometheus metrics there, at /metrics')
    .addCommand(dnsInstallCommand())
    .addCommand(dnsUninstallCommand())
    .addCommand(dnsStatusCommand())
    .action(async (flags: DnsFlags) => {
      // Before the code of the command is even read: a signal must find somebody to close what it has opened.
      const stop = stopSignals();
      const { dns } = await import('../dns.ts');
      process.exitCode = await dns(flags, stop);
    });
}

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
