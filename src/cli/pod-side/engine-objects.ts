import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Engine, LABELS, type ObjectOwner, sweep } from '../../engine/index.ts';
import { ROLE } from '../../gateway/engine/index.ts';
import { CLAIM_LABEL, SANDBOX } from '../../pod-containers/index.ts';
import { markOf, memoryFolder, stillRuns } from '../../system/index.ts';

/** The project of an instance: that of the folder in which it was started, by its name. */
export function engineProject(name: string): string {
  return createHash('sha256')
    .update(`${resolve('.')}\n${name}`)
    .digest('hex')
    .slice(0, 12);
}

/** Marks what this instance makes in an engine. @param pid by which the user knows it */
export async function ownerOfInstance(name: string, pid: number, session: string): Promise<ObjectOwner> {
  const { started } = await markOf(pid);
  return {
    project: createHash('sha256')
      .update(`${resolve('.')}\n${name}`)
      .digest('hex')
      .slice(0, 12),
    session,
    owner: `${pid}:${started}`,
  };
}

/**
 * Removes what instances that were killed have left in an engine; volumes of claims stay. Not for a process in namespaces,
 * which does not see whether another one runs. @returns how many objects
 *
 * @param project undefined: all of this user's
 */
export function sweepEngine(engine: Engine, project?: string): Promise<number> {
  return sweep(engine, {
    ...(project === undefined ? {} : { project }),
    isDead: async ({ owner }) => {
      const [pid = '', ...started] = owner.split(':');
      return !(await stillRuns({ pid: Number(pid), started: started.join(':') }));
    },
    keepVolume,
    order,
  });
}

/** Removes what one instance has left. Call when it has ended. */
export function sweepSession(engine: Engine, session: string): Promise<number> {
  return sweep(engine, { isDead: owner => owner.session === session, keepVolume, order });
}

function keepVolume(labels: Readonly<Record<string, string>>): boolean {
  return CLAIM_LABEL in labels;
}

/** Containers before the one that holds their network, and the gateway last. */
function order(labels: Readonly<Record<string, string>>): number {
  if (ROLE in labels) return 2;
  return labels[LABELS.container] === SANDBOX ? 1 : 0;
}

/** The folder for the files of this instance's pods. The reaper removes it if the instance is killed. */
export function folderOfInstance(pid: number): string {
  return folderOf(memoryFolder(), pid);
}

/** Removes the folder for the files of an instance's pods. */
export function removeFolder(pid: number): void {
  rmSync(folderOf(memoryFolder(), pid), { recursive: true, force: true });
}

function folderOf(base: string, pid: number): string {
  return join(base, `containers-${pid}`);
}
