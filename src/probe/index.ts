export { type EndpointProbe, isOwnAddress, MAX_PROBED, type ProbeTarget, probeEndpoints } from './endpoint.ts';
