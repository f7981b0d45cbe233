import { connect } from 'node:net';
import { messageOf, systemCodeOf } from '../../errors.ts';
import type { Container, Probe } from '../../kube/index.ts';
import type { SocketAddress } from '../../net/index.ts';
import type { PodPlace } from '../network.ts';
import type { RunningProgram } from '../program.ts';
import { type HttpGet, httpGet, urlPath } from './http-get.ts';

export interface ProbeTarget {
  readonly container: Container;
  readonly place: Pick<PodPlace, 'ip' | 'claims' | 'reach'>;
  readonly program: Pick<RunningProgram, 'exec'>;
  /** Gets what does not fail a probe. */
  readonly onWarning?: (text: string) => void;
}

/**
 * Runs a probe once, as the kubelet does: HTTP 200 to 399, an accepted connection, exit code 0, or SERVING.
 *
 * @returns undefined on success, else the reason, worded like the kubelet's events
 */
export async function runProbe(probe: Probe, target: ProbeTarget): Promise<string | undefined> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), probe.timeoutSeconds * 1000);
  try {
    // Before, so that no other program gets the probe; and after, since the port may have changed hands meanwhile.
    const holder = await otherHolder(probe, target);
    return holder ?? (await act(probe, target, abort.signal)) ?? (await otherHolder(probe, target));
  } catch (error) {
    // The probe itself is invalid: a header that HTTP cannot carry, an argument that no program can get.
    return messageOf(error);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

async function act(
  { action, timeoutSeconds }: Probe,
  { container, place, program, onWarning }: ProbeTarget,
  signal: AbortSignal,
): Promise<string | undefined> {
  const late = `no answer within ${timeoutSeconds} s`;
  if (action.kind === 'exec') return program.exec(action.command, signal, late);
  const port = portNumber(action.port, container);
  if (port === undefined) return `the container has no port named "${action.port}"`;
  const host = ('host' in action ? action.host : undefined) ?? place.ip;
  const via = host === place.ip ? place.reach : undefined;
  switch (action.kind) {
    case 'httpGet':
      return httpProbe({ ...action, host, port, via }, { onWarning, signal, late });
    case 'tcpSocket':
      return tcpProbe((await via?.(port)) ?? { address: host, port }, port, signal, late);
    case 'grpc': {
      const { checkGrpcHealth } = await import('./grpc-health.ts');
      return checkGrpcHealth((await via?.(port)) ?? { address: host, port }, action.service, signal);
    }
  }
}

/** In a shared network, a success of another program's does not count. */
async function otherHolder({ action }: Probe, { container, place }: ProbeTarget): Promise<string | undefined> {
  if (action.kind === 'exec' || ('host' in action && action.host !== undefined)) return undefined;
  const port = portNumber(action.port, container);
  const holder = port === undefined ? undefined : await place.claims?.otherHolder(port);
  return holder === undefined ? undefined : answeredBy(port, holder);
}

/** The reason for a port at which another program answers. */
export function answeredBy(port: number | undefined, holder: string): string {
  return `port ${port} is answered by ${holder}, not by this pod`;
}

/** A probe's port is a number, or the name of a port of the same container. */
export function portNumber(port: number | string, container: Container): number | undefined {
  if (typeof port === 'number') return port;
  return container.ports.find(candidate => candidate.name === port)?.containerPort;
}

async function httpProbe(
  get: HttpGet,
  options: {
    readonly onWarning: ProbeTarget['onWarning'];
    readonly signal: AbortSignal;
    readonly late: string;
  },
): Promise<string | undefined> {
  const { onWarning, signal, late } = options;
  const outcome = await httpGet(get, signal);
  const what = `GET ${urlPath(get.path)} on port ${get.port}`;
  if (outcome.kind === 'failure') return `${what}: ${signal.aborted ? late : outcome.why}`;
  if (outcome.warning !== undefined) onWarning?.(`${what}: ${outcome.warning}`);
  return outcome.status >= 200 && outcome.status < 400 ? undefined : `${what} answered ${outcome.status}`;
}

function tcpProbe(at: SocketAddress, port: number, signal: AbortSignal, late: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host: at.address, port: at.port, signal });
    socket.on('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.on('error', error => resolve(`connect to port ${port}: ${signal.aborted ? late : failure(error)}`));
  });
}

function failure(error: Error): string {
  return systemCodeOf(error) === 'ECONNREFUSED' ? 'connection refused' : messageOf(error);
}
