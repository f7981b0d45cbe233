import { type Command, InvalidArgumentError, Option } from 'commander';

/** Flags that say what is read, spelt as kubectl spells them. */
export interface InputFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly namespace?: string;
  readonly maxInputMib: number;
  readonly verbose: boolean;
}

export function withInput(command: Command): Command {
  return command
    .option('-f, --filename <path>', 'file, folder, or - for standard input (repeatable)', collect, [])
    .option('-R, --recursive', "read a folder's folders too", false)
    .option('-n, --namespace <name>', 'namespace of objects that name none; get shows only this one')
    .addOption(new Option('--max-input-mib <n>', 'largest input that is read').argParser(positive).default(32))
    .option('-v, --verbose', 'name the kinds that were passed over, and show notes', false);
}

/** In place of manifests. */
export interface AgainstFlags {
  readonly against?: 'running' | 'cluster';
  readonly context?: string;
  readonly kubeconfig?: string;
}

/** For commands that can ask a running `up`, or a cluster, in place of manifests. */
export function withAgainst(command: Command): Command {
  return withCluster(
    command.addOption(
      new Option('--against <what>', 'in place of -f: what a running "switchboard up" holds, or a cluster').choices([
        'running',
        'cluster',
      ]),
    ),
  );
}

export function withCluster(command: Command): Command {
  return command
    .option('--kubeconfig <path>', 'cluster: the kubeconfig (default: $KUBECONFIG, ~/.kube/config)')
    .option('--context <name>', "cluster: the kubeconfig's context (default: its current one)");
}

export type Format = 'table' | 'wide' | 'json' | 'yaml' | 'jsonl' | 'name';

export interface OutputFlags {
  readonly output: Format;
  readonly headers: boolean;
}

export function withOutput(command: Command, formats: readonly Format[]): Command {
  return command
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formats).default('table'))
    .option('--no-headers', 'tables without their first line');
}

export function collect(value: string, all: readonly string[]): string[] {
  return [...all, value];
}

/** As `collect`, where `--no-...` before it may have set false; the last of the two counts. */
export function collectAnew(value: string, before: unknown): string[] {
  return [...(Array.isArray(before) ? before.map(String) : []), value];
}

/** Whom to ask for names that are not ours; false: nobody. undefined: nothing was given. */
export type ForwardFlag = readonly string[] | false | undefined;

/** `--dns-forward`, where DNS is but a part of what a command does. */
export function withDnsForward(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--dns-forward <[zone=]ip[:port]>',
        'DNS: whom to ask for other names (repeatable; default: resolv.conf)',
      ).argParser(collectAnew),
    )
    .option('--no-dns-forward', 'DNS: refuse other names');
}

export function positive(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

export function notNegative(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0) throw new InvalidArgumentError('It must be a number, 0 or more.');
  return number;
}

/** What is known of the node that packets meet. */
export interface NodeFlags {
  readonly node?: string;
  readonly nodeIp: readonly string[];
  readonly nodeportAddresses: readonly string[];
  readonly clusterCidr?: string;
  readonly masqueradeAll: boolean;
}

export function withNode(command: Command): Command {
  return command
    .option('--node <name>', 'the node that packets meet: which endpoints are local, whose zone counts')
    .option(
      '--node-ip <ip>',
      'an address of the node; the first of each family is the primary (repeatable)',
      collect,
      [],
    )
    .option('--nodeport-addresses <cidr>', 'which of them take node ports (repeatable; default: primary)', collect, [])
    .option('--cluster-cidr <cidr>', 'sources in it are pods of the cluster; one, or v4,v6')
    .option('--masquerade-all', 'as kube-proxy --masquerade-all', false);
}

/** What the nftables plane is told beside the node. */
export interface NftablesFlags extends NodeFlags {
  readonly serviceCidr: string;
}

export function withNftables(command: Command): Command {
  return withNode(command).option(
    '--service-cidr <cidr>',
    'nftables: where Services without a clusterIP get one from; one, or v4,v6',
    '10.96.0.0/16,fd00:10:96::/112',
  );
}

/** How long a DNS answer may be kept (RFC 2181 has more; nobody wants a Service's address for longer than an hour). */
export function ttlSeconds(value: string): number {
  const seconds = Number(value);
  if (/^\d+$/.test(value) && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('It must be a whole number from 0 to 3600.');
}
