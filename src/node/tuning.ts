import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { messageOf } from '../errors.ts';
import type { NodeConfig } from './config.ts';

/** What was done to a setting of the system. */
export interface Tuned {
  readonly name: string;
  readonly value: string;
  /** undefined: it was set, or was so already. */
  readonly failed?: string;
}

/** Sets what kube-proxy sets: limits and timeouts of connection tracking, forwarding, and who is killed last. */
export function tuneSystem(config: NodeConfig, procDir = '/proc'): Tuned[] {
  const { conntrack } = config;
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : String(Math.ceil(ms / 1000)));
  const most = Math.max(conntrack.maxPerCore * availableParallelism(), conntrack.min);
  const track = 'sys/net/netfilter/nf_conntrack';
  const wanted: [string, string | undefined, 'exact' | 'least'][] = [
    // 0 leaves the limit as it is; a limit that is higher already is nobody's harm.
    [`${track}_max`, conntrack.maxPerCore > 0 ? String(most) : undefined, 'least'],
    [`${track}_tcp_timeout_established`, seconds(conntrack.tcpEstablishedTimeoutMs), 'exact'],
    [`${track}_tcp_timeout_close_wait`, seconds(conntrack.tcpCloseWaitTimeoutMs), 'exact'],
    [`${track}_udp_timeout`, seconds(conntrack.udpTimeoutMs), 'exact'],
    [`${track}_udp_timeout_stream`, seconds(conntrack.udpStreamTimeoutMs), 'exact'],
    [`${track}_tcp_be_liberal`, conntrack.tcpBeLiberal ? '1' : undefined, 'exact'],
    ['sys/net/ipv4/ip_forward', '1', 'exact'],
    ['sys/net/ipv6/conf/all/forwarding', '1', 'exact'],
    ['self/oom_score_adj', String(config.oomScoreAdj), 'exact'],
  ];
  return wanted.flatMap(([path, value, how]) => (value === undefined ? [] : [tune(procDir, path, value, how)]));
}

function tune(procDir: string, path: string, value: string, how: 'exact' | 'least'): Tuned {
  const name = path.replace(/^sys\//, '').replaceAll('/', '.');
  const file = `${procDir}/${path}`;
  try {
    const found = readFileSync(file, 'utf8').trim();
    if (found === value || (how === 'least' && Number(found) >= Number(value))) return { name, value: found };
    writeFileSync(file, value);
    return { name, value };
  } catch (error) {
    return { name, value, failed: messageOf(error) };
  }
}
