import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { hasProgram } from '../../system/index.ts';
import { type FindContext, knownCandidates, namedCandidate } from './candidates.ts';

/**
 * Whether an engine could answer here: one is named, or there is a socket or the program podman. Asks nobody, and loads
 * nothing of the client, so that a command which needs no engine loses no time.
 */
export async function mayHaveEngine(
  { startPodman }: { readonly startPodman: boolean },
  context: FindContext = thisMachine(),
): Promise<boolean> {
  const { env, platform } = context;
  if (knownCandidates(context).some(({ endpoint }) => endpoint.kind === 'socket' && existsSync(endpoint.path)))
    return true;
  if (startPodman && hasProgram(podmanProgram(platform), env.PATH, process.cwd())) return true;
  // One that is named wrongly is for the error of the search.
  return (await namedCandidate(undefined, context).catch(() => 'wrong')) !== undefined;
}

export function thisMachine(): FindContext {
  return { env: process.env, home: homedir(), platform: process.platform, uid: process.getuid?.() };
}

export function podmanProgram(platform: NodeJS.Platform): string {
  return platform === 'win32' ? 'podman.exe' : 'podman';
}
