/**
 * Tokens of the auth-provider `oidc`, the only one that kubectl still supports: the kubeconfig's ID token until it
 * expires, then one that the issuer returns for the refresh token (OpenID Connect Core 1.0, section 12; Kubernetes
 * documentation, "OpenID Connect Tokens"). Does not write the kubeconfig, so the issuer's tokens are kept for the whole
 * process: an issuer that rotates refresh tokens accepts each of them once.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { parseJson } from '../../data/index.ts';
import { messageOf, systemCodeOf } from '../../errors.ts';
import { at, textAt } from './api-error.ts';

const EXPIRY_MARGIN_MS = 10_000;
const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 1 << 20;

/** The `config` of an auth-provider in a kubeconfig. */
export type OidcConfig = Readonly<Record<string, string>>;

/** Limit for the users whose tokens are kept. */
const MAX_USERS = 64;
/** By API server and configuration, the least recently used first. */
const usersTokens = new Map<string, OidcToken>();

/**
 * The tokens of a user, the same for every reader of the kubeconfig in this process, as client-go caches them. A
 * kubeconfig whose tokens have changed, such as after `kubectl` has stored other ones, starts with those.
 */
export function oidcTokenFor(server: string, config: OidcConfig): OidcToken {
  const key = JSON.stringify([server, config]);
  const token = usersTokens.get(key) ?? new OidcToken(config);
  usersTokens.delete(key);
  usersTokens.set(key, token);
  const [oldest] = usersTokens.keys();
  if (usersTokens.size > MAX_USERS && oldest !== undefined) usersTokens.delete(oldest);
  return token;
}

export class OidcToken {
  readonly #config: OidcConfig;
  #idToken: string | undefined;
  #refreshToken: string | undefined;
  #refreshing: Promise<void> | undefined;

  constructor(config: OidcConfig) {
    this.#config = config;
    this.#idToken = textAt(config, 'id-token');
    this.#refreshToken = textAt(config, 'refresh-token');
  }

  /** @throws Error if the token has expired and the issuer returns no new one */
  async token(): Promise<string> {
    if (this.#idToken === undefined || expiresAt(this.#idToken) - EXPIRY_MARGIN_MS <= Date.now()) {
      // Several requests may find the token expired, and a refresh token may be used only once.
      this.#refreshing ??= this.#refresh().finally(() => {
        this.#refreshing = undefined;
      });
      await this.#refreshing;
    }
    if (this.#idToken === undefined) throw new Error('the auth-provider oidc has no id-token');
    return this.#idToken;
  }

  async #refresh(): Promise<void> {
    const issuer = this.#required('idp-issuer-url');
    const clientId = this.#required('client-id');
    const refreshToken = this.#refreshToken ?? this.#required('refresh-token');
    const ca = await this.#authority();
    const discovery = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const endpoint = textAt((await send(discovery, { ca })).json, 'token_endpoint');
    if (endpoint === undefined) throw new Error(`${discovery} names no token_endpoint`);
    const secret = textAt(this.#config, 'client-secret') ?? '';
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const inHeader = { ca, form: fields, auth: `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}` };
    const inForm = {
      ca,
      form: { ...fields, client_id: clientId, ...(secret === '' ? {} : { client_secret: secret }) },
    };
    // Some issuers accept the client's name and secret only in the header, others only in the form (RFC 6749, 2.3.1).
    let answer = await send(endpoint, secret === '' ? inForm : inHeader);
    if (answer.status >= 400 && secret !== '') answer = await send(endpoint, inForm);
    const idToken = textAt(answer.json, 'id_token');
    if (idToken === undefined) {
      const reason =
        textAt(answer.json, 'error_description') ?? textAt(answer.json, 'error') ?? `status ${answer.status}`;
      throw new Error(`${issuer} returned no id_token for the refresh token: ${reason}`);
    }
    this.#idToken = idToken;
    this.#refreshToken = textAt(answer.json, 'refresh_token') ?? refreshToken;
  }

  #required(field: string): string {
    const value = textAt(this.#config, field);
    if (value !== undefined) return value;
    const why = this.#idToken === undefined ? 'there is no ID token (id-token)' : 'the ID token has expired';
    throw new Error(`${why}, and the auth-provider oidc has no ${field} to get one`);
  }

  async #authority(): Promise<Buffer | undefined> {
    const file = textAt(this.#config, 'idp-certificate-authority');
    if (file !== undefined) {
      return readFile(file).catch((error: unknown) => {
        const why = systemCodeOf(error) ?? messageOf(error);
        throw new Error(`the issuer's certificate authority ${file} cannot be read: ${why}`, { cause: error });
      });
    }
    const data = textAt(this.#config, 'idp-certificate-authority-data');
    return data === undefined ? undefined : Buffer.from(data, 'base64');
  }
}

/** Milliseconds since the epoch; 0 if the token has no expiry. */
function expiresAt(token: string): number {
  const claims = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return Number(at(claims, 'exp') ?? 0) * 1_000;
}

interface IssuerRequest {
  readonly ca: Buffer | undefined;
  readonly auth?: string;
  /** undefined: a GET; otherwise a POST of the form. */
  readonly form?: Readonly<Record<string, string>>;
}

function send(
  url: string,
  { ca, auth, form }: IssuerRequest,
): Promise<{ readonly status: number; readonly json: unknown }> {
  if (URL.parse(url)?.protocol !== 'https:') throw new Error(`${url} is not a URL that starts with https://`);
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new Error(`cannot get an ID token from ${url}: ${error.message}`, { cause: error }));
    const headers = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const options = {
      method: form === undefined ? 'GET' : 'POST',
      headers: { accept: 'application/json', ...headers },
      timeout: TIMEOUT_MS,
      ...(ca === undefined ? {} : { ca }),
      ...(auth === undefined ? {} : { auth }),
    };
    const sent = request(url, options, response => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error(`it sends more than ${MAX_ANSWER_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, json: parseJson(Buffer.concat(chunks).toString('utf8')) });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`it does not answer within ${TIMEOUT_MS / 1_000} s`)));
    sent.on('error', fail);
    sent.end(form === undefined ? undefined : new URLSearchParams(form).toString());
  });
}
