import { hostPort, type Protocol } from '../net/index.ts';
import { Machine, PortOwners } from '../system/index.ts';
import { reachTcp, type Speaks, whatSpeaks } from './tcp.ts';
import { reachUdp } from './udp.ts';

export interface EndpointProbe {
  readonly endpoint: string;
  readonly state: 'ok' | 'broken' | 'unknown';
  /** The observation, for people. */
  readonly text: string;
  /** What to do, if known. */
  readonly fix?: string;
}

export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

const TIMEOUT_MS = 1000;
/** The maximum number of endpoints that are probed per Service. */
export const MAX_PROBED = 10;

/** Probes endpoints concurrently, each within seconds. Sends at most `GET /` and a TLS handshake. */
export async function probeEndpoints(targets: readonly ProbeTarget[]): Promise<EndpointProbe[]> {
  const owners = new PortOwners();
  return Promise.all(targets.slice(0, MAX_PROBED).map(target => probe(target, owners)));
}

/** Whether an address belongs to this machine, so that a probe reaches no other machine. */
export function isOwnAddress(address: string): boolean {
  return new Machine(() => performance.now()).has(address);
}

async function probe(target: ProbeTarget, owners: PortOwners): Promise<EndpointProbe> {
  const endpoint = hostPort(target.address, target.port);
  if (target.protocol === 'SCTP') return { endpoint, state: 'unknown', text: 'SCTP is not probed' };
  if (target.protocol === 'UDP') return { endpoint, ...(await probeUdp(target)) };
  const reached = await reachTcp(target.address, target.port, TIMEOUT_MS);
  switch (reached) {
    case 'open': {
      const speaks = await whatSpeaks(target.address, target.port, TIMEOUT_MS);
      const holder = isOwnAddress(target.address) ? `; ${await owners.describe(target)}` : '';
      return { endpoint, state: 'ok', text: `accepts, ${speaksText(speaks)}${holder}` };
    }
    case 'refused':
      return { endpoint, state: 'broken', ...(await refused(target, owners)) };
    case 'silent':
      return {
        endpoint,
        state: 'broken',
        text: `does not answer within ${TIMEOUT_MS / 1000} s: a firewall or policy blocks it, or the host does not exist`,
      };
    case 'unreachable':
      return { endpoint, state: 'broken', text: 'cannot be reached from this machine' };
  }
}

/** The most common reason why a port-forward works and the Service does not: the process listens on loopback only. */
async function refused(target: ProbeTarget, owners: PortOwners): Promise<{ text: string; fix?: string }> {
  const loopback = target.address.includes(':') ? '::1' : '127.0.0.1';
  if (isOwnAddress(target.address) && target.address !== loopback) {
    if ((await reachTcp(loopback, target.port, TIMEOUT_MS)) === 'open') {
      const holder = await owners.describe({ ...target, address: loopback });
      return {
        text: `refuses, and ${loopback}:${target.port} answers: the process listens on loopback only (${holder})`,
        fix: `make it listen on the pod's address, $(POD_IP), or on all addresses`,
      };
    }
  }
  return {
    text: 'refuses: no process listens on this address and port',
    fix: `start the process, or fix targetPort if it listens on another port`,
  };
}

async function probeUdp(target: ProbeTarget): Promise<Omit<EndpointProbe, 'endpoint'>> {
  const reached = await reachUdp(target.address, target.port, TIMEOUT_MS);
  if (reached === 'answers') return { state: 'ok', text: 'answers' };
  if (reached === 'refused') return { state: 'broken', text: 'refuses: no process listens on this address and port' };
  const expected = target.port === 53;
  return expected
    ? { state: 'broken', text: `does not answer a DNS query within ${TIMEOUT_MS / 1000} s` }
    : { state: 'unknown', text: 'does not answer, which proves nothing over UDP' };
}

function speaksText(speaks: Speaks): string {
  switch (speaks.kind) {
    case 'http':
      return `speaks HTTP (GET / answers ${speaks.status})`;
    case 'tls':
      return 'speaks TLS';
    case 'greets':
      return 'sends data first, so it is neither HTTP nor TLS';
    case 'other':
      return 'speaks neither HTTP nor TLS';
  }
}
