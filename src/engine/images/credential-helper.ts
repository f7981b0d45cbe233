import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isRecord, parseJson } from '../../data/index.ts';
import { messageOf } from '../../errors.ts';
import { untilStarted } from '../../system/index.ts';
import type { RegistryAuth } from './credentials.ts';

/** A helper waits for the user if the keychain is locked. */
const HELPER_LIMIT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** The user name by which a helper marks an identity token. */
const TOKEN_USER = '<token>';
/** docker-credential-helpers: the one failure that means that there are no credentials. */
const NONE = 'credentials not found in native keychain';

export type HelperAnswer =
  | { readonly kind: 'auth'; readonly auth: RegistryAuth }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Runs `docker-credential-NAME get` with the server on standard input. */
export async function askHelper(
  name: string,
  server: string,
  options: { readonly env: NodeJS.ProcessEnv; readonly signal?: AbortSignal | undefined; readonly limitMs?: number },
): Promise<HelperAnswer> {
  const { env, signal, limitMs = HELPER_LIMIT_MS } = options;
  const program = `docker-credential-${name}`;
  if (!/^[\w.-]+$/.test(name)) return { kind: 'failed', reason: `"${name}" is not the name of a credential helper` };
  const limit = AbortSignal.timeout(limitMs);
  const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const started = spawn(program, ['get'], { env, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
  const child = await untilStarted(started).catch(error => messageOf(error));
  if (typeof child === 'string') return { kind: 'failed', reason: `${program}: ${child}` };
  const end = (): boolean => child.kill('SIGKILL');
  either.addEventListener('abort', end, { once: true });
  // A helper may exit before it has read its input.
  child.stdin.on('error', () => {});
  let answer = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (answer.length < MAX_ANSWER_BYTES) answer += chunk.toString();
  });
  try {
    child.stdin.end(server);
    const [code] = await once(child, 'close', { signal: either });
    if (code === 0) return parseAnswer(program, answer, server);
    if (answer.includes(NONE)) return { kind: 'none' };
    return { kind: 'failed', reason: `${program} exited with ${code}` };
  } catch (error) {
    signal?.throwIfAborted();
    const reason = limit.aborted ? `no answer within ${limitMs / 1000} s` : messageOf(error);
    return { kind: 'failed', reason: `${program}: ${reason}` };
  } finally {
    either.removeEventListener('abort', end);
  }
}

function parseAnswer(program: string, text: string, server: string): HelperAnswer {
  const value = parseJson(text);
  if (!isRecord(value) || typeof value.Username !== 'string' || typeof value.Secret !== 'string') {
    return { kind: 'failed', reason: `${program} printed no credentials` };
  }
  const { Username: username, Secret: secret } = value;
  if (username === '' && secret === '') return { kind: 'none' };
  return {
    kind: 'auth',
    auth:
      username === TOKEN_USER
        ? { kind: 'identity-token', token: secret, server }
        : { kind: 'password', username, password: secret, server },
  };
}
