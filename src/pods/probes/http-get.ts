import { messageOf, systemCodeOf } from '../../errors.ts';
import type { SocketAddress } from '../../net/index.ts';

export interface HttpGet {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly scheme: 'HTTP' | 'HTTPS';
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Where this process reaches a port of the host, if not at its own address. */
  readonly via?: ((port: number) => Promise<SocketAddress>) | undefined;
}

export type HttpOutcome =
  | {
      readonly kind: 'answer';
      readonly status: number /** Why a redirect was not followed. */;
      readonly warning?: string;
    }
  | { readonly kind: 'failure'; readonly why: string };

const MAX_REDIRECTS = 10;

/** Asks as the kubelet does: certificates are not verified, redirects to the same host are followed. */
export async function httpGet(get: HttpGet, signal: AbortSignal): Promise<HttpOutcome> {
  let at = new URL(`${get.scheme.toLowerCase()}://${authority(get.host, get.port)}${urlPath(get.path)}`);
  for (let redirects = 0; ; redirects += 1) {
    const answer = await ask(at, get, signal);
    if (typeof answer === 'string') return { kind: 'failure', why: answer };
    const { status, location } = answer;
    if (location === undefined || status < 300 || status >= 400) return { kind: 'answer', status };
    const next = URL.parse(location, at.href);
    if (next === null || !/^https?:$/.test(next.protocol)) return { kind: 'answer', status };
    if (next.hostname !== at.hostname) {
      return { kind: 'answer', status, warning: `not followed: a redirect to another host, ${next.host}` };
    }
    if (redirects >= MAX_REDIRECTS) {
      return { kind: 'answer', status, warning: `stopped after ${MAX_REDIRECTS} redirects` };
    }
    at = next;
  }
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
}

/** @returns why there is no answer, as text */
async function ask(at: URL, { headers, via }: HttpGet, signal: AbortSignal): Promise<Answer | string> {
  // Loaded when needed: `import 'node:http'` takes undici with it, and `up` without probes should not wait for that.
  const { request } = at.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const port = at.port === '' ? (at.protocol === 'https:' ? 443 : 80) : Number(at.port);
  const dialled = await via?.(port);
  return new Promise(resolve => {
    const call = request({
      host: dialled?.address ?? at.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: dialled?.port ?? port,
      path: `${at.pathname}${at.search}`,
      headers: { ...(dialled === undefined ? {} : { host: at.host }), ...probeHeaders(headers) },
      signal,
      agent: false,
      rejectUnauthorized: false,
    });
    call.on('response', response => {
      // The status decides; the connection ends with the probe.
      response.resume();
      resolve({ status: response.statusCode ?? 0, location: response.headers.location });
    });
    call.on('error', error =>
      resolve(systemCodeOf(error) === 'ECONNREFUSED' ? 'connection refused' : messageOf(error)),
    );
    call.end();
  });
}

/** Those of the kubelet, replaced by the manifest's of the same name, and left out where those are empty. */
function probeHeaders(headers: HttpGet['headers']): Record<string, string | string[]> {
  const all = new Map<string, readonly string[]>([
    ['user-agent', ['kube-probe/1.37']],
    ['accept', ['*/*']],
  ]);
  const own = Map.groupBy(headers, ([name]) => name.toLowerCase());
  for (const [name, pairs] of own) {
    const values = pairs.map(([, value]) => value);
    if (all.has(name) && values[0] === '') all.delete(name);
    else all.set(name, values);
  }
  return Object.fromEntries(
    [...all].map(([name, [first = '', ...more]]) => [name, more.length === 0 ? first : [first, ...more]]),
  );
}

/** The path as the kubelet sends it: with a leading slash, and invalid characters escaped. */
export function urlPath(path: string): string {
  const escaped = path.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  return escaped.startsWith('/') ? escaped : `/${escaped}`;
}

function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
