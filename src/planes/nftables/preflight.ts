/**
 * Checks before the first transaction: the rights, the kernel, and the rules of other proxies.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { SwitchboardError } from '../../errors.ts';
import type { IpFamily } from '../../net/index.ts';
import { chainName, chainRules } from './chains.ts';
import { TABLE, tableOf } from './layout.ts';
import type { Nft } from './nft/nft.ts';
import type { ResolvedOptions } from './options.ts';
import { listTables } from './readback.ts';
import { skeletonOf } from './skeleton.ts';

/**
 * @throws SWB_NFT_PERMISSION, SWB_OTHER_PROXY, SWB_NFT_UNSUPPORTED
 */
export async function preflight(nft: Nft, options: ResolvedOptions): Promise<void> {
  await checkRights(nft);
  if (!options.force) await checkOtherProxies(nft);
  for (const family of ['IPv4', 'IPv6'] as const) await checkKernel(nft, family, options);
}

/** @throws SWB_NFT_PERMISSION, SWB_NFT_UNSUPPORTED */
export async function checkRights(nft: Nft): Promise<void> {
  const probe = await nft.run(`add table ip ${TABLE}`, { check: true });
  if (probe.ok) return;
  if (/not permitted/i.test(probe.error)) {
    throw new SwitchboardError(
      'SWB_NFT_PERMISSION',
      'this process may not change nftables rules: run it as root or with the capability CAP_NET_ADMIN in its network namespace',
    );
  }
  throw new SwitchboardError(
    'SWB_NFT_UNSUPPORTED',
    `the kernel does not accept an nftables table (${firstLine(probe.error)}): it needs CONFIG_NF_TABLES, module nf_tables`,
  );
}

/** Two proxies that both translate addresses would undo each other's choice. */
async function checkOtherProxies(nft: Nft): Promise<void> {
  const seen = (await listTables(nft)).filter(name => / kube-proxy$/.test(name)).map(name => `table ${name}`);
  const chains: readonly [string, string][] = [
    ['ip nat', 'KUBE-SERVICES'],
    ['ip6 nat', 'KUBE-SERVICES'],
  ];
  for (const [table, chain] of chains) {
    const listed = await nft.run(`list chain ${table} ${chain}`);
    if (listed.ok) seen.push(`chain ${chain} in table ${table}`);
  }
  if (existsSync('/sys/class/net/kube-ipvs0')) seen.push('interface kube-ipvs0');
  if (seen.length === 0) return;
  throw new SwitchboardError(
    'SWB_OTHER_PROXY',
    `the rules of kube-proxy are in the kernel: ${seen.join(', ')}. Stop it and remove them (kube-proxy --cleanup), or start with --force`,
    { details: { seen } },
  );
}

/** Asks the kernel itself, since distributions disable features and backport others. */
async function checkKernel(nft: Nft, family: IpFamily, options: ResolvedOptions): Promise<void> {
  const whole = await nft.run(sample(family, options), { check: true });
  if (whole.ok) return;
  const table = `${tableOf(family)}-probe`;
  const address = family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr';
  const ip = family === 'IPv4' ? 'ip' : 'ip6';
  const missing: string[] = [];
  for (const [name, body] of features(ip, address)) {
    const probe = await nft.run(`table ${table} { ${body} }`, { check: true });
    if (!probe.ok) missing.push(name);
  }
  throw new SwitchboardError(
    'SWB_NFT_UNSUPPORTED',
    missing.length === 0
      ? `the kernel does not take the ${family} table: ${firstLine(whole.error)}`
      : `the kernel lacks, for ${family}: ${missing.join('; ')}`,
    { details: { family, missing, error: whole.error } },
  );
}

function sample(family: IpFamily, options: ResolvedOptions): string {
  const table = tableOf(family);
  const lines = [`add table ${table}`, `delete table ${table}`, skeletonOf(family, options).text];
  for (const kind of ['near', 'outside', 'cluster', 'external', 'local'] as const) {
    for (const sticky of [undefined, 10]) {
      const spec = { lookup: 'service', kind, count: 1, sticky } as const;
      const name = chainName(spec);
      lines.push(`add chain ${table} ${name}`);
      for (const rule of chainRules(family, spec, options)) lines.push(`add rule ${table} ${name} ${rule}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Each feature with its build option and the kernel version that introduced it. */
function features(ip: string, address: string): [string, string][] {
  const nat = 'type nat hook prerouting priority -100;';
  return [
    ['NAT chains (CONFIG_NFT_NAT, 3.13)', `chain c { ${nat} }`],
    ['maps to verdicts (CONFIG_NF_TABLES, 3.13)', 'map m { type inet_service : verdict; }'],
    ['sets of ranges over several fields (5.6)', `set s { type ${address} . inet_service; flags interval; }`],
    [
      'translation by a map to address and port (CONFIG_NFT_NAT, 5.7)',
      `map m { type inet_service : ${address} . inet_service; }; chain c { ${nat} dnat ${ip} to th dport map @m; }`,
    ],
    ['random numbers (CONFIG_NFT_NUMGEN, 4.9)', 'chain c { meta priority set numgen random mod 2; }'],
    ['hashes (CONFIG_NFT_HASH, 4.9)', `chain c { meta priority set jhash ${ip} saddr mod 16 seed 0x1; }`],
    ['connection tracking (CONFIG_NFT_CT)', 'chain c { ct state new ct mark set 1; }'],
    ['masquerading (CONFIG_NFT_MASQ)', 'chain c { type nat hook postrouting priority 100; masquerade fully-random; }'],
    ['the address family look-up (CONFIG_NFT_FIB_INET, 4.10)', 'chain c { fib saddr type local accept; }'],
    ['refusing (CONFIG_NFT_REJECT)', 'chain c { type filter hook input priority 0; reject; }'],
    [
      'maps that remember with a time-out (4.3)',
      `map m { type mark : mark; flags dynamic,timeout; size 16; }; chain c { update @m { meta mark timeout 1s : ct mark }; delete @m { meta mark : ct mark }; }`,
    ],
  ];
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.replace(/^.*?Error: /, '') ?? '';
}
