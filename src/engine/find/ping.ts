import { messageOf, systemCodeOf } from '../../errors.ts';
import type { EngineApi } from '../api/api.ts';
import { recordOf, recordsOf, textOf } from '../api/fields.ts';
import type { EngineFacts } from '../facts.ts';

export type Ping =
  | { readonly kind: 'answered'; readonly name: EngineFacts['name']; readonly newest: string; readonly oldest: string }
  | { readonly kind: 'silent'; readonly code: string | undefined; readonly reason: string };

/** A socket of an engine that is stopped may exist and not answer. */
const LOCAL_LIMIT_MS = 5_000;
/** ssh may ask for a passphrase. */
const REMOTE_LIMIT_MS = 60_000;

/** Asks for the versions that an engine speaks. Never throws but for the signal. */
export async function ping(api: EngineApi, signal?: AbortSignal): Promise<Ping> {
  const limit = AbortSignal.timeout(api.endpoint.kind === 'socket' ? LOCAL_LIMIT_MS : REMOTE_LIMIT_MS);
  const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const doing = 'ask the container engine for its version';
  try {
    const answer = recordOf(await api.json({ method: 'GET', path: '/version', prefix: '', signal: either, doing }));
    const newest = textOf(answer.ApiVersion);
    if (newest === '') return { kind: 'silent', code: undefined, reason: 'what answers is not a container engine' };
    const isPodman = recordsOf(answer.Components).some(({ Name: name }) => textOf(name).startsWith('Podman'));
    return { kind: 'answered', name: isPodman ? 'podman' : 'docker', newest, oldest: textOf(answer.MinAPIVersion) };
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) return { kind: 'silent', code: undefined, reason: 'no answer' };
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { kind: 'silent', code: systemCodeOf(cause), reason: messageOf(cause) };
  }
}
