/**
 * Profiles of the running agent, at the paths of kube-proxy's Go profiles. Only with `enableProfiling`, since a client can
 * slow the agent down and read its memory. The profiles are V8's, for the developer tools of Chromium and for speedscope.
 *
 * @module
 */
import { Session } from 'node:inspector/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../system/index.ts';

const DEFAULT_SECONDS = 30;
const MAX_SECONDS = 60;

let busy = false;

/** @returns undefined for an unknown path */
export function profileAnswer(path: string, query: URLSearchParams): Answer | Promise<Answer> | undefined {
  switch (path) {
    case '/debug/pprof/':
      return text(200, 'profile?seconds=30  CPU time, .cpuprofile\nheap?seconds=30     allocations, .heapprofile\n');
    case '/debug/pprof/profile':
      return taken(query, 'cpuprofile', async (session, ms) => {
        await session.post('Profiler.enable');
        await session.post('Profiler.start');
        await delay(ms, undefined, { ref: false });
        return (await session.post('Profiler.stop')).profile;
      });
    case '/debug/pprof/heap':
      return taken(query, 'heapprofile', async (session, ms) => {
        await session.post('HeapProfiler.startSampling');
        await delay(ms, undefined, { ref: false });
        return (await session.post('HeapProfiler.stopSampling')).profile;
      });
    default:
      return undefined;
  }
}

async function taken(
  query: URLSearchParams,
  kind: string,
  take: (session: Session, ms: number) => Promise<unknown>,
): Promise<Answer> {
  const seconds = Number(query.get('seconds') ?? DEFAULT_SECONDS);
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) return text(400, `seconds: more than 0, at most ${MAX_SECONDS}\n`);
  if (busy) return text(409, 'another profile is being recorded; try again when it is done\n');
  busy = true;
  const session = new Session();
  session.connect();
  try {
    const profile = await take(session, seconds * 1_000);
    const headers = { 'Content-Disposition': `attachment; filename="switchboard.${kind}"` };
    return { status: 200, type: 'application/json', headers, body: JSON.stringify(profile) };
  } finally {
    session.disconnect();
    busy = false;
  }
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain', body };
}
