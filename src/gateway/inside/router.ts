import { writeFile } from 'node:fs/promises';
import { runProgram } from './programs.ts';

/** The default gateway of every pod, and the address of the node for them. Link-local, so that it clashes with nothing. */
export const ROUTER_ADDRESS = '169.254.1.1';
/** The DNS server of the pods: the address that NodeLocal DNSCache uses in clusters. */
export const DNS_ADDRESS = '169.254.20.10';

/** Makes this process's network namespace the router of the pods. @throws SWB_POD_NETWORK */
export async function setUpRouter(): Promise<void> {
  const lines = ['link set lo up', `addr add ${ROUTER_ADDRESS}/32 dev lo`, `addr add ${DNS_ADDRESS}/32 dev lo`];
  await runProgram(['ip', '-batch', '-'], `${lines.join('\n')}\n`);
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
}
