export { type EndpointProbe, isOwnAddress, MOST_PROBED, type ProbeTarget, probeEndpoints } from './endpoint.ts';
