import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { messageOf, systemCodeOf } from '../errors.ts';
import type { Container, Probe } from '../kube/index.ts';
import type { PodPlace } from './network.ts';

export interface ProbeTarget {
  readonly container: Container;
  readonly place: Pick<PodPlace, 'ip' | 'command' | 'claims'>;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
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

function act({ action, timeoutSeconds }: Probe, target: ProbeTarget, signal: AbortSignal): Promise<string | undefined> {
  const late = `no answer within ${timeoutSeconds} s`;
  if (action.kind === 'exec') return execProbe(action.command, target, signal, late);
  const port = portNumber(action.port, target.container);
  if (port === undefined) return Promise.resolve(`the container has no port named "${action.port}"`);
  switch (action.kind) {
    case 'httpGet':
      return httpProbe({ ...action, host: action.host ?? target.place.ip, port }, signal, late);
    case 'tcpSocket':
      return tcpProbe(action.host ?? target.place.ip, port, signal, late);
    case 'grpc':
      return import('./grpc-health.ts').then(grpc =>
        grpc.checkGrpcHealth(target.place.ip, port, action.service, signal),
      );
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
function portNumber(port: number | string, container: Container): number | undefined {
  if (typeof port === 'number') return port;
  return container.ports.find(candidate => candidate.name === port)?.containerPort;
}

interface HttpGet {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly scheme: 'HTTP' | 'HTTPS';
  readonly headers: readonly (readonly [name: string, value: string])[];
}

async function httpProbe(get: HttpGet, signal: AbortSignal, late: string): Promise<string | undefined> {
  // Loaded when needed: `import 'node:http'` takes undici with it, and `up` without probes should not wait for that.
  const { request } = get.scheme === 'HTTPS' ? await import('node:https') : await import('node:http');
  return new Promise(resolve => {
    const path = urlPath(get.path);
    const headers = { 'user-agent': 'kube-probe/switchboard', accept: '*/*', ...Object.fromEntries(get.headers) };
    // Like the kubelet, does not verify certificates.
    const call = request({
      host: get.host,
      port: get.port,
      path,
      headers,
      signal,
      agent: false,
      rejectUnauthorized: false,
    });
    call.on('response', response => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 400 ? undefined : `GET ${path} on port ${get.port} answered ${status}`);
    });
    call.on('error', error => {
      resolve(`GET ${path} on port ${get.port}: ${signal.aborted ? late : failure(error)}`);
    });
    call.end();
  });
}

/** The path as the kubelet sends it: with a leading slash, and invalid characters escaped. */
function urlPath(path: string): string {
  const escaped = path.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  return escaped.startsWith('/') ? escaped : `/${escaped}`;
}

function tcpProbe(host: string, port: number, signal: AbortSignal, late: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host, port, signal });
    socket.on('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.on('error', error => resolve(`connect to port ${port}: ${signal.aborted ? late : failure(error)}`));
  });
}

function execProbe(
  command: readonly string[],
  { env, cwd, place }: ProbeTarget,
  signal: AbortSignal,
  late: string,
): Promise<string | undefined> {
  return new Promise(resolve => {
    const [program = ''] = command;
    const [first = '', ...args] = place.command(command, []);
    const child = spawn(first, args, { env, cwd, stdio: 'ignore', signal, killSignal: 'SIGKILL' });
    child.on('error', error => resolve(`${program}: ${signal.aborted ? late : messageOf(error)}`));
    child.on('exit', code => resolve(code === 0 ? undefined : `${program} exited with ${code ?? late}`));
  });
}

function failure(error: Error): string {
  return systemCodeOf(error) === 'ECONNREFUSED' ? 'connection refused' : messageOf(error);
}
