import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Engine, LABELS, type ObjectOwner, sweep } from '../../engine/index.ts';
import { ROLE } from '../../gateway/engine/index.ts';
import { CLAIM_LABEL } from '../../pod-containers/index.ts';
import { markOf, memoryFolder, stillRuns } from '../../system/index.ts';

/** Marks what this instance makes in an engine. @param pid by which the user knows it */
export async function ownerOfInstance(name: string, pid: number): Promise<ObjectOwner> {
  const { started } = await markOf(pid);
  return {
    project: createHash('sha256')
      .update(`${resolve('.')}\n${name}`)
      .digest('hex')
      .slice(0, 12),
    session: randomBytes(4).toString('hex'),
    owner: `${pid}:${started}`,
  };
}

/**
 * Removes what instances that were killed have left in an engine; volumes of claims stay. @returns how many objects
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
    keepVolume: labels => CLAIM_LABEL in labels,
    order: labels => (ROLE in labels ? 2 : labels[LABELS.container] === 'pod' ? 1 : 0),
  });
}

/** The folder for the files of this instance's pods; those of instances that were killed are removed. */
export async function folderOfInstance(pid: number): Promise<string> {
  const base = memoryFolder();
  for (const name of existsSync(base) ? readdirSync(base) : []) {
    const [, other] = /^containers-(\d+)$/.exec(name) ?? [];
    if (other === undefined || (await stillRuns({ pid: Number(other), started: '-' }))) continue;
    rmSync(join(base, name), { recursive: true, force: true });
  }
  return join(base, `containers-${pid}`);
}
