import { readFileSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../errors.ts';
import type { IpFamily } from '../../net/index.ts';

/** A sysctl that keeps packets of a family from being forwarded. */
export interface SysctlNote {
  /** As `sysctl` writes it: `net.ipv4.ip_forward`. */
  readonly name: string;
  readonly wanted: string;
  readonly found: string;
  readonly why: string;
  /** What to check before switching it on. */
  readonly caution?: string;
  readonly done: 'set' | 'left' | 'failed';
}

const FORWARDING = 'the node does not forward packets from pods and other hosts';
/** Documentation/networking/ip-sysctl: accept_ra is off while forwarding is on, unless it is 2. */
const ROUTER_ADVERTISEMENTS =
  'a host that gets its IPv6 default route from Router Advertisements loses it then, unless accept_ra is 2 on that interface';

/**
 * Checks the sysctls that forwarding needs, and sets them if `allowed`. Never touches route_localnet: nothing here makes a
 * loopback address reachable from another host.
 *
 * @returns those that are or were off
 */
export function checkSysctls(allowed: boolean, families: ReadonlySet<IpFamily>): SysctlNote[] {
  const wanted: [path: string, family: IpFamily, caution?: string][] = [
    ['net/ipv4/ip_forward', 'IPv4'],
    ['net/ipv6/conf/all/forwarding', 'IPv6', ROUTER_ADVERTISEMENTS],
  ];
  return wanted.flatMap(([path, family, caution]): SysctlNote[] => {
    if (!families.has(family)) return [];
    const file = `/proc/sys/${path}`;
    const name = path.replaceAll('/', '.');
    let found: string;
    try {
      found = readFileSync(file, 'utf8').trim();
    } catch {
      return [];
    }
    if (found === '1') return [];
    const note = { name, wanted: '1', found, why: FORWARDING, ...(caution === undefined ? {} : { caution }) };
    if (!allowed) return [{ ...note, done: 'left' }];
    try {
      writeFileSync(file, '1');
      return [{ ...note, done: 'set' }];
    } catch (error) {
      return [{ ...note, why: `${FORWARDING}, and it cannot be set (${messageOf(error)})`, done: 'failed' }];
    }
  });
}
