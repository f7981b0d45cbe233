import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { messageOf } from '../errors.ts';
import type { NodeConfig } from './config.ts';
import type { Log } from './log.ts';

/** A sysctl, or another setting in /proc, and what was done to it. */
export interface Tuned {
  readonly name: string;
  readonly value: string;
  /** Its value before; undefined: it was not changed. */
  readonly from?: string;
  /** Why it could not be set; undefined: it has the value now. */
  readonly failed?: string;
}

/** The folders of the system's settings; tests use others. */
export interface SystemFolders {
  readonly proc: string;
  readonly sys: string;
}

const SYSTEM: SystemFolders = { proc: '/proc', sys: '/sys' };

/** kube-proxy's cap for machines with many cores: entries cost memory. */
const MAX_SCALED_CONNTRACK = 1_048_576;

/**
 * Sets what kube-proxy sets in nftables mode (`pkg/proxy/conntrack/sysctls.go`), and nothing else of the host: limits
 * and timeouts of connection tracking, and how early this process is killed when memory runs out.
 */
export function tuneSystem(config: NodeConfig, folders: SystemFolders = SYSTEM): Tuned[] {
  const { conntrack } = config;
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : String(Math.ceil(ms / 1000)));
  const scaled = conntrack.maxPerCore * onlineCpus(folders.sys);
  const max = scaled > MAX_SCALED_CONNTRACK ? MAX_SCALED_CONNTRACK : Math.max(scaled, conntrack.min);
  const track = 'sys/net/netfilter/nf_conntrack';
  const wanted: [string, string | undefined, 'exact' | 'least'][] = [
    // 0 leaves the limit as it is; a limit that is higher already does no harm.
    [`${track}_max`, conntrack.maxPerCore > 0 ? String(max) : undefined, 'least'],
    [`${track}_tcp_timeout_established`, seconds(conntrack.tcpEstablishedTimeoutMs), 'exact'],
    [`${track}_tcp_timeout_close_wait`, seconds(conntrack.tcpCloseWaitTimeoutMs), 'exact'],
    [`${track}_udp_timeout`, seconds(conntrack.udpTimeoutMs), 'exact'],
    [`${track}_udp_timeout_stream`, seconds(conntrack.udpStreamTimeoutMs), 'exact'],
    [`${track}_tcp_be_liberal`, conntrack.tcpBeLiberal ? '1' : undefined, 'exact'],
    ['self/oom_score_adj', String(config.oomScoreAdj), 'exact'],
  ];
  return wanted.flatMap(([path, value, how]) => (value === undefined ? [] : [tune(folders.proc, path, value, how)]));
}

/**
 * The CPUs of the host, as kube-proxy counts them. The limit is the host's, so neither a CPU quota of this process'
 * cgroup nor its affinity counts; `os.availableParallelism` follows both.
 */
function onlineCpus(sysDir: string): number {
  try {
    return countOfList(readFileSync(`${sysDir}/devices/system/cpu/online`, 'utf8').trim());
  } catch {
    return Math.max(1, cpus().length);
  }
}

/** `0-3,6` -> 5 */
function countOfList(list: string): number {
  let count = 0;
  for (const range of list.split(',')) {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    count += last - first + 1;
  }
  if (!(count > 0)) throw new Error(`not a list of CPUs: ${list}`);
  return count;
}

/** Logs each change, since it outlives this process. */
export function logTuned(tuned: readonly Tuned[], log: Log): void {
  for (const { name, value, from, failed } of tuned) {
    if (failed !== undefined) log.warn({ name, value, reason: failed }, 'could not change a system setting');
    else if (from !== undefined) log.info({ name, from, to: value }, 'changed a system setting');
    else log.debug({ name, value }, 'kept a system setting');
  }
}

function tune(procDir: string, path: string, value: string, how: 'exact' | 'least'): Tuned {
  const name = path.replace(/^sys\//, '').replaceAll('/', '.');
  const file = `${procDir}/${path}`;
  try {
    const found = readFileSync(file, 'utf8').trim();
    if (found === value || (how === 'least' && Number(found) >= Number(value))) return { name, value: found };
    writeFileSync(file, value);
    return { name, value, from: found };
  } catch (error) {
    return { name, value, failed: messageOf(error) };
  }
}
