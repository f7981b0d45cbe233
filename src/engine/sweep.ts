import type { Engine } from './engine.ts';
import { LABELS, type ObjectOwner, ownerOf } from './names.ts';

export interface SweepOptions {
  /** undefined: all projects. */
  readonly project?: string;
  /** Whether objects of this owner are to be removed: its process no longer runs. */
  readonly isDead: (owner: ObjectOwner) => boolean | Promise<boolean>;
  /** Volumes that hold data of the user: claims. */
  readonly keepVolume: (labels: Readonly<Record<string, string>>) => boolean;
  /** Later containers go last: the pause of a pod, the gateway. */
  readonly order: (labels: Readonly<Record<string, string>>) => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Removes what dead processes left: containers in order, then networks, then volumes. Only by label, and
 * never by a name alone. @returns how many objects were removed
 */
export async function sweep(engine: Engine, options: SweepOptions): Promise<number> {
  const { project, isDead, keepVolume, order, signal } = options;
  const labels = project === undefined ? {} : { [LABELS.project]: project };
  const dead = async <T extends { readonly labels: Readonly<Record<string, string>> }>(
    all: readonly T[],
  ): Promise<T[]> => {
    const verdicts = await Promise.all(
      all.map(async each => {
        const owner = ownerOf(each.labels);
        return owner !== undefined && (await isDead(owner));
      }),
    );
    return all.filter((_, index) => verdicts[index]);
  };
  const containers = await dead(await engine.containers.list(labels, { signal }));
  const byOrder = Map.groupBy(containers, each => order(each.labels));
  for (const [, group] of [...byOrder].sort(([a], [b]) => a - b)) {
    await Promise.all(group.map(({ id }) => engine.containers.remove(id, { signal })));
  }
  const networks = await dead(await engine.networks.list(labels, { signal }));
  for (const { name } of networks) await engine.networks.remove(name, { signal });
  const volumes = (await dead(await engine.volumes.list(labels, { signal }))).filter(each => !keepVolume(each.labels));
  for (const { name } of volumes) await engine.volumes.remove(name, { signal });
  return containers.length + networks.length + volumes.length;
}
