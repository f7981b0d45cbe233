import type { EndpointProbe } from '../probe/index.ts';
import type { Explanation, Hop } from './explanation.ts';

/** Adds the result of probing the endpoints as the last hop, and adjusts the verdict to it. */
export function withProbes(explanation: Explanation, probes: readonly EndpointProbe[]): Explanation {
  // Clients that cannot dial the Service never meet its endpoints.
  if (probes.length === 0 || explanation.hops.some(hop => hop.state === 'broken')) return explanation;
  const count = (state: EndpointProbe['state']) => probes.filter(probe => probe.state === state).length;
  const [ok, broken] = [count('ok'), count('broken')];
  const state: Hop['state'] = broken === 0 ? (ok > 0 ? 'ok' : 'unknown') : ok > 0 ? 'warning' : 'broken';
  const hop: Hop = {
    hop: 'process',
    state,
    text: `${ok} of ${probes.length} answer a probe`,
    details: probes.map(probe => `${probe.endpoint} ${probe.text}`),
  };
  const hops = [...explanation.hops, hop];
  if (broken === 0) {
    // The probe confirms the verdict.
    return explanation.verdict === 'reaches' && ok > 0
      ? { ...explanation, hops, confidence: 'certain' }
      : { ...explanation, hops };
  }
  const first = probes.find(probe => probe.state === 'broken');
  return {
    ...explanation,
    hops,
    verdict: ok > 0 ? 'partly' : 'does not reach',
    confidence: 'certain',
    cause: `${first?.endpoint} ${first?.text}`,
    ...(first?.fix === undefined ? {} : { fix: { text: first.fix } }),
  };
}
