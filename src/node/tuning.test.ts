import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { systemTree } from '../../test/support/tree.ts';
import { readNodeConfig } from './config.ts';
import { logTuned, tuneSystem } from './tuning.ts';

const CONNTRACK = 'proc/sys/net/netfilter/nf_conntrack';
const FILES = {
  [`${CONNTRACK}_max`]: '1000\n',
  [`${CONNTRACK}_tcp_timeout_established`]: '432000\n',
  [`${CONNTRACK}_tcp_timeout_close_wait`]: '60\n',
  [`${CONNTRACK}_udp_timeout`]: '30\n',
  [`${CONNTRACK}_udp_timeout_stream`]: '120\n',
  [`${CONNTRACK}_tcp_be_liberal`]: '0\n',
  'proc/sys/net/ipv4/ip_forward': '0\n',
  'proc/sys/net/ipv6/conf/all/forwarding': '0\n',
  'proc/self/oom_score_adj': '0\n',
};

/** The files that tuning has changed, with their new content. */
async function changedBy(fields: Readonly<Record<string, unknown>>, online: string): Promise<Record<string, string>> {
  const files: Record<string, string> = { ...FILES, 'sys/devices/system/cpu/online': online };
  await using tree = await systemTree(files);
  tuneSystem(readNodeConfig(undefined, new Map(Object.entries(fields))), {
    proc: `${tree.root}/proc`,
    sys: `${tree.root}/sys`,
  });
  const found = Object.entries(await tree.contents());
  return Object.fromEntries(found.filter(([name, text]) => !name.endsWith('/') && files[name] !== text));
}

describe('the settings of the system', () => {
  test('are those that kube-proxy sets and no others: forwarding stays off', async () => {
    expect(await changedBy({}, '0-7\n')).toEqual({
      [`${CONNTRACK}_max`]: String(8 * 32_768),
      [`${CONNTRACK}_tcp_timeout_established`]: '86400',
      [`${CONNTRACK}_tcp_timeout_close_wait`]: '3600',
      'proc/self/oom_score_adj': '-999',
    });
  });

  test.each([
    ['0\n', 131_072],
    ['0-15\n', 16 * 32_768],
    ['0-3,6,8-9\n', 7 * 32_768],
    // More CPUs than this process may use, on any machine.
    [`0-${availableParallelism() + 15}\n`, Math.min((availableParallelism() + 16) * 32_768, 1_048_576)],
    ['0-255\n', 1_048_576],
  ])('connection tracking is sized by the CPUs that are online on the host: %j', async (online, max) => {
    expect(await changedBy({}, online)).toMatchObject({ [`${CONNTRACK}_max`]: String(max) });
  });

  test('each change is logged with the value before it, and nothing else above debug', async () => {
    await using tree = await systemTree({ ...FILES, 'sys/devices/system/cpu/online': '0-7\n' });
    const folders = { proc: `${tree.root}/proc`, sys: `${tree.root}/sys` };
    const lines: [level: string, fields: object, message: string][] = [];
    const at = (level: string) => (fields: object, message: string) => void lines.push([level, fields, message]);
    const log = { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') };
    logTuned(tuneSystem(readNodeConfig(undefined, new Map()), folders), log);
    const changed = (name: string, from: string, to: string) => [
      'info',
      { name, from, to },
      'changed a system setting',
    ];
    const track = 'net.netfilter.nf_conntrack';
    expect(lines).toEqual([
      changed(`${track}_max`, '1000', '262144'),
      changed(`${track}_tcp_timeout_established`, '432000', '86400'),
      changed(`${track}_tcp_timeout_close_wait`, '60', '3600'),
      changed('self.oom_score_adj', '0', '-999'),
    ]);
    // The second start finds them as they are to be.
    lines.length = 0;
    logTuned(tuneSystem(readNodeConfig(undefined, new Map()), folders), log);
    expect(lines).toEqual([]);
  });
});
