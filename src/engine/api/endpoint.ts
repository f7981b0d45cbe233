/** Where a container engine listens. */
export type EngineEndpoint =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: TlsFiles | undefined }
  | { readonly kind: 'ssh'; readonly url: string };

/** Certificates in PEM, as `docker --tlsverify` uses them; without `ca` the system's authorities count. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** Accepts any certificate of the engine: a context's `SkipTLSVerify`. */
  readonly skipVerify: boolean;
}

const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

/**
 * Reads the value of `--host` or DOCKER_HOST: `unix://PATH`, `npipe://PATH`, `tcp://HOST[:PORT]`, `ssh://[USER@]HOST`, or a
 * host without a scheme.
 *
 * @returns undefined if it is none of these
 */
export function parseEndpoint(text: string, tls?: TlsFiles): EngineEndpoint | undefined {
  const trimmed = text.trim();
  const scheme = /^([a-z]+):\/\//.exec(trimmed)?.[1];
  const rest = scheme === undefined ? trimmed : trimmed.slice(scheme.length + '://'.length);
  switch (scheme) {
    case 'unix':
    case 'npipe':
      return rest === '' ? undefined : { kind: 'socket', path: rest };
    case 'ssh':
      return URL.canParse(trimmed) && new URL(trimmed).hostname !== '' ? { kind: 'ssh', url: trimmed } : undefined;
    case undefined:
    case 'tcp':
    case 'http':
    case 'https':
      return parseTcp(rest, scheme === 'https' ? (tls ?? { skipVerify: false }) : tls);
    default:
      return undefined;
  }
}

/** The endpoint as DOCKER_HOST names it. */
export function endpointText(endpoint: EngineEndpoint): string {
  switch (endpoint.kind) {
    case 'socket':
      return endpoint.path.startsWith('//./pipe/') ? `npipe://${endpoint.path}` : `unix://${endpoint.path}`;
    case 'tcp':
      return `tcp://${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
    case 'ssh':
      return endpoint.url;
  }
}

function parseTcp(rest: string, tls: TlsFiles | undefined): EngineEndpoint | undefined {
  const text = `http://${rest}`;
  if (rest === '' || !URL.canParse(text)) return undefined;
  const { hostname, port } = new URL(text);
  const host = hostname.replace(/^\[|\]$/g, '');
  // URL drops port 80, the default of http.
  const given = port === '' && /:80$/.test(rest.replace(/\/.*$/, '')) ? 80 : Number(port);
  return { kind: 'tcp', host, port: given || (tls === undefined ? PLAIN_PORT : TLS_PORT), tls };
}
