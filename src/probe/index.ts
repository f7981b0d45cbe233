export { type EndpointProbe, isOwnAddress, MAX_PROBED, type ProbeTarget, probeEndpoints } from './endpoint.ts';
export { isEndpointProbes, isProbeTargets } from './messages.ts';
