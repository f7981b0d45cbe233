import type { Server } from 'node:http';
import { messageOf, SwitchboardError } from '../errors.ts';
import type { SocketAddress } from '../net/index.ts';
import { type Answer, type Answers, serve } from '../system/index.ts';
import type { NodeConfig } from './config.ts';
import { type HealthState, healthAnswer } from './health.ts';
import type { Metrics } from './metrics.ts';
import { profileAnswer } from './profiling.ts';

/**
 * The servers of an agent, at kube-proxy's addresses and paths: health, and metrics.
 *
 * @param failed called with an error if a server cannot listen
 * @throws SWB_LISTEN_FAILED with bindAddressHardFail
 */
export async function* serveNode(
  config: NodeConfig,
  state: HealthState,
  metrics: Metrics,
  failed: (text: string) => void,
): AsyncGenerator<Server> {
  const places: readonly [SocketAddress | undefined, Answers][] = [
    [config.healthz, path => healthAnswers(path, state, metrics)],
    [
      config.metrics,
      (path, query) =>
        metricsAnswers(path, state, metrics) ?? (config.profiling ? profileAnswer(path, query) : undefined),
    ],
  ];
  for (const [at, answers] of places) {
    if (at === undefined) continue;
    try {
      yield await serve(at, answers);
    } catch (error) {
      const text = `cannot listen on ${at.address} port ${at.port}: ${messageOf(error)}`;
      if (config.bindAddressHardFail) throw new SwitchboardError('SWB_LISTEN_FAILED', text);
      failed(text);
    }
  }
}

function healthAnswers(path: string, state: HealthState, metrics: Metrics): Answer | undefined {
  if (path !== '/healthz' && path !== '/livez') return undefined;
  const answer = healthAnswer(state, path === '/livez');
  metrics.probed(path === '/livez' ? 'livez' : 'healthz', answer.status);
  return answer;
}

function metricsAnswers(path: string, { progress }: HealthState, metrics: Metrics): ReturnType<Answers> {
  switch (path) {
    case '/metrics':
      return metricsText(metrics);
    case '/healthz':
      return { status: 200, type: 'text/plain', body: 'ok' };
    case '/proxyMode':
      return { status: 200, type: 'text/plain', body: 'nftables' };
    case '/readyz':
      return progress.started
        ? { status: 200, type: 'text/plain', body: 'ok\n' }
        : { status: 503, type: 'text/plain', body: 'the first list is not programmed yet\n' };
    default:
      return undefined;
  }
}

async function metricsText({ registry }: Metrics): Promise<Answer> {
  return { status: 200, type: registry.contentType, body: await registry.metrics() };
}
