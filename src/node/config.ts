/**
 * The agent's configuration: kube-proxy's configuration file and flags in one structure, with a warning for each field
 * that has no effect here.
 *
 * @module
 */
import { load } from 'js-yaml';
import { isRecord } from '../data/index.ts';
import { messageOf, SwitchboardError } from '../errors.ts';
import { shown } from '../kube/read/index.ts';
import { type Cidr, canonicalAddress, parseCidr, parseSocketAddress, type SocketAddress } from '../net/index.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import { durationMs } from './duration.ts';

export interface ConntrackSettings {
  readonly maxPerCore: number;
  readonly min: number;
  /** Milliseconds; undefined: unchanged. */
  readonly tcpEstablishedTimeoutMs: number | undefined;
  readonly tcpCloseWaitTimeoutMs: number | undefined;
  readonly udpTimeoutMs: number | undefined;
  readonly udpStreamTimeoutMs: number | undefined;
  readonly tcpBeLiberal: boolean;
}

export type DetectLocal =
  | { readonly mode: 'ClusterCIDR'; readonly cidrs: readonly Cidr[] }
  | { readonly mode: 'NodeCIDR' }
  | { readonly mode: 'BridgeInterface'; readonly name: string }
  | { readonly mode: 'InterfaceNamePrefix'; readonly prefix: string };

export interface NodeConfig {
  readonly kubeconfig: string | undefined;
  readonly hostnameOverride: string | undefined;
  readonly bindAddress: string;
  /** `address:port`; undefined: not served. */
  readonly healthz: SocketAddress | undefined;
  readonly metrics: SocketAddress | undefined;
  readonly bindAddressHardFail: boolean;
  /** Serve profiles at the metrics address. */
  readonly profiling: boolean;
  readonly detectLocal: DetectLocal;
  readonly nodePortAddresses: 'primary' | readonly Cidr[];
  readonly masqueradeAll: boolean;
  readonly masqueradeBit: number;
  readonly minSyncPeriodMs: number;
  readonly oomScoreAdj: number;
  readonly conntrack: ConntrackSettings;
  readonly verbosity: number;
  /** One line for each field that is set and has no effect. */
  readonly warnings: readonly string[];
}

type Values = ReadonlyMap<string, unknown>;

/**
 * @param text a KubeProxyConfiguration, YAML or JSON; undefined: kube-proxy's defaults
 * @param flags dotted path -> value from the command line; they override the file
 * @throws SWB_USAGE with the field, its value and the fix
 */
export function readNodeConfig(text: string | undefined, flags: ReadonlyMap<string, unknown> = new Map()): NodeConfig {
  const values = new Map([...(text === undefined ? [] : fieldsOf(text)), ...flags]);
  const warnings = warningsOn(values);
  const mode = textOf(values, 'mode') ?? '';
  if (!['', 'nftables', 'iptables', 'ipvs'].includes(mode)) {
    throw bad('mode', mode, 'Switchboard supports nftables on Linux: write nftables');
  }
  if (mode === 'iptables' || mode === 'ipvs') {
    warnings.push(`mode: ${mode} is not supported; nftables is used instead`);
  }
  const section = mode === 'iptables' ? 'iptables' : 'nftables';
  return {
    kubeconfig: textOf(values, 'clientConnection.kubeconfig'),
    hostnameOverride: textOf(values, 'hostnameOverride')?.trim().toLowerCase(),
    bindAddress: addressOf(values, 'bindAddress') ?? '0.0.0.0',
    healthz: hostPortOf(values, 'healthzBindAddress', '0.0.0.0:10256', 10_256),
    metrics: hostPortOf(values, 'metricsBindAddress', '127.0.0.1:10249', 10_249),
    bindAddressHardFail: boolean(values, 'bindAddressHardFail') ?? false,
    profiling: boolean(values, 'enableProfiling') ?? false,
    detectLocal: detectLocalOf(values),
    nodePortAddresses: nodePortAddressesOf(values),
    // One flag covers all modes; in the file, each mode has its own field.
    masqueradeAll: boolean(flags, 'nftables.masqueradeAll') ?? boolean(values, `${section}.masqueradeAll`) ?? false,
    masqueradeBit: integer(values, `${section}.masqueradeBit`, 0, 31) ?? 14,
    minSyncPeriodMs: duration(values, `${section}.minSyncPeriod`) ?? 0,
    oomScoreAdj: integer(values, 'oomScoreAdj', -1000, 1000) ?? -999,
    conntrack: {
      maxPerCore: integer(values, 'conntrack.maxPerCore', 0, 2 ** 31) ?? 32_768,
      min: integer(values, 'conntrack.min', 0, 2 ** 31) ?? 131_072,
      tcpEstablishedTimeoutMs: positive(duration(values, 'conntrack.tcpEstablishedTimeout') ?? 86_400_000),
      tcpCloseWaitTimeoutMs: positive(duration(values, 'conntrack.tcpCloseWaitTimeout') ?? 3_600_000),
      udpTimeoutMs: positive(duration(values, 'conntrack.udpTimeout') ?? 0),
      udpStreamTimeoutMs: positive(duration(values, 'conntrack.udpStreamTimeout') ?? 0),
      tcpBeLiberal: boolean(values, 'conntrack.tcpBeLiberal') ?? false,
    },
    verbosity: integer(values, 'logging.verbosity', 0, 10) ?? 0,
    warnings,
  };
}

/** Dotted path -> value of everything that the file sets. Null and empty strings mean kube-proxy's default. */
function valueText(value: unknown, name: string): string {
  return value === undefined ? `no ${name}` : `the ${name} ${shown(value)}`;
}

function fieldsOf(text: string): [string, unknown][] {
  let parsed: unknown;
  try {
    parsed = load(text);
  } catch (error) {
    throw new SwitchboardError('SWB_USAGE', `--config is not YAML: ${messageOf(error)}`);
  }
  if (!isRecord(parsed))
    throw new SwitchboardError('SWB_USAGE', '--config is not an object: it must be a KubeProxyConfiguration');
  const { apiVersion, kind, ...rest } = parsed;
  if (kind !== 'KubeProxyConfiguration' || apiVersion !== 'kubeproxy.config.k8s.io/v1alpha1') {
    throw new SwitchboardError(
      'SWB_USAGE',
      `--config has ${valueText(apiVersion, 'apiVersion')} and ${valueText(kind, 'kind')}: it must be apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration`,
    );
  }
  const known = new Set(CONFIG_FIELDS.map(({ path }) => path));
  const found: [string, unknown][] = [];
  const walk = (value: unknown, path: string) => {
    if (known.has(path)) found.push([path, value]);
    else if (isRecord(value))
      for (const [name, inner] of Object.entries(value)) walk(inner, path === '' ? name : `${path}.${name}`);
    else if (value !== null) throw bad(path, value, 'kube-proxy 1.34 has no such field: correct the name or remove it');
  };
  walk(rest, '');
  // kubeadm writes every field; null and the empty string mean kube-proxy's default.
  return found.filter(([, value]) => value !== null && value !== '');
}

function warningsOn(values: Values): string[] {
  const warnings: string[] = [];
  for (const { path, treatment, what } of CONFIG_FIELDS) {
    const value = values.get(path);
    if (value === undefined || isUnset(value)) continue;
    if (treatment === 'refused') throw bad(path, value, what);
    if (treatment !== 'noted') continue;
    const names = path === 'featureGates' && isRecord(value) ? ` (${Object.keys(value).join(', ')})` : '';
    warnings.push(`${path}${names} has no effect: ${what}`);
  }
  return warnings;
}

/** Whether a value is kube-proxy's zero value: kubeadm writes all fields. */
function isUnset(value: unknown): boolean {
  if (value === null || value === '' || value === 0 || value === false || value === '0s') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.values(value).every(isUnset);
}

function detectLocalOf(values: Values): DetectLocal {
  const mode = textOf(values, 'detectLocalMode') ?? 'ClusterCIDR';
  switch (mode) {
    case 'ClusterCIDR': {
      const text = textOf(values, 'clusterCIDR');
      return { mode, cidrs: text === undefined ? [] : text.split(',').map(part => cidr('clusterCIDR', part)) };
    }
    case 'NodeCIDR':
      return { mode };
    case 'BridgeInterface':
      return { mode, name: needed(values, 'detectLocal.bridgeInterface', mode) };
    case 'InterfaceNamePrefix':
      return { mode, prefix: needed(values, 'detectLocal.interfaceNamePrefix', mode) };
    default:
      throw bad('detectLocalMode', mode, 'write ClusterCIDR, NodeCIDR, BridgeInterface or InterfaceNamePrefix');
  }
}

function needed(values: Values, path: string, mode: string): string {
  const text = textOf(values, path);
  if (text === undefined) throw bad(path, '', `detectLocalMode ${mode} needs it`);
  // IFNAMSIZ: the names that the kernel accepts for an interface.
  if (!/^[A-Za-z0-9_.:@-]{1,15}$/.test(text)) throw bad(path, text, 'it is not a valid interface name');
  return text;
}

function nodePortAddressesOf(values: Values): NodeConfig['nodePortAddresses'] {
  const value = values.get('nodePortAddresses');
  if (value === undefined || isUnset(value)) return 'primary';
  const list = Array.isArray(value) ? value : String(value).split(',');
  if (list.length === 1 && list[0] === 'primary') return 'primary';
  return list.map(part => cidr('nodePortAddresses', String(part)));
}

function cidr(path: string, text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw bad(path, text, 'write an address range such as 10.244.0.0/16');
  return parsed;
}

function textOf(values: Values, path: string): string | undefined {
  const value = values.get(path);
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw bad(path, value, 'write a string');
  return value;
}

function addressOf(values: Values, path: string): string | undefined {
  const text = textOf(values, path);
  if (text === undefined) return undefined;
  const address = canonicalAddress(text);
  if (address === undefined) throw bad(path, text, 'write an IP address');
  return address;
}

function boolean(values: Values, path: string): boolean | undefined {
  const value = values.get(path);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw bad(path, value, 'write true or false');
  return value;
}

function integer(values: Values, path: string, least: number, most: number): number | undefined {
  const value = values.get(path);
  if (value === undefined || value === null) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw bad(path, value, `write a number from ${least} to ${most}`);
  }
  return number;
}

function duration(values: Values, path: string): number | undefined {
  const value = values.get(path);
  if (value === undefined || value === null || value === '') return undefined;
  const ms = durationMs(String(value));
  if (ms === undefined) throw bad(path, value, 'write a duration such as 30s, 1m or 1h30m');
  return ms;
}

function positive(ms: number): number | undefined {
  return ms > 0 ? ms : undefined;
}

/** Empty, which only a flag can set: not served. An address without a port gets kube-proxy's default port. */
function hostPortOf(values: Values, path: string, fallback: string, port: number): SocketAddress | undefined {
  const value = values.get(path);
  if (value === '') return undefined;
  return hostPort(path, value === undefined || value === null ? fallback : String(value), port);
}

function hostPort(path: string, text: string, port: number): SocketAddress {
  // As in Go, no host means all addresses.
  const address = parseSocketAddress(text.startsWith(':') && !text.startsWith('::') ? `0.0.0.0${text}` : text, port);
  if (address === undefined) throw bad(path, text, 'write ADDRESS:PORT');
  return address;
}

function bad(path: string, value: unknown, fix: string): SwitchboardError {
  return new SwitchboardError('SWB_USAGE', `kube-proxy configuration, ${path}: ${shown(value)}: ${fix}`);
}
