import { isRecord } from '../data/index.ts';
import { canonicalAddress, PROTOCOLS } from '../net/index.ts';
import type { EndpointProbe, ProbeTarget } from './endpoint.ts';

/** Whether a value from another process is a list of endpoints to probe. */
export function isProbeTargets(value: unknown): value is ProbeTarget[] {
  return Array.isArray(value) && value.every(isTarget);
}

function isTarget(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { address, port, protocol } = value;
  return (
    typeof address === 'string' &&
    canonicalAddress(address) === address &&
    typeof port === 'number' &&
    port > 0 &&
    port < 65_536 &&
    PROTOCOLS.some(known => known === protocol)
  );
}

/** Whether a value from another process is the results of probes. */
export function isEndpointProbes(value: unknown): value is EndpointProbe[] {
  return Array.isArray(value) && value.every(isProbe);
}

function isProbe(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { endpoint, state, text, fix } = value;
  return (
    typeof endpoint === 'string' &&
    (state === 'ok' || state === 'broken' || state === 'unknown') &&
    typeof text === 'string' &&
    (fix === undefined || typeof fix === 'string')
  );
}
