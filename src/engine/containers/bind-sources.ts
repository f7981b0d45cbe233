import { access } from 'node:fs/promises';
import { SwitchboardError, systemCodeOf } from '../../errors.ts';
import type { ContainerSpec } from './spec.ts';

/**
 * Podman makes the missing source of a bind mount, as an empty folder of root. Docker refuses it, and so does this check,
 * where the engine is on this machine: Podman runs in a virtual machine everywhere but on Linux.
 *
 * @throws SWB_ENGINE
 */
export async function checkBindSources({ name, mounts = [] }: ContainerSpec): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const mount of mounts) {
    if (mount.kind !== 'bind') continue;
    const code = await access(mount.source).then(() => undefined, systemCodeOf);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') continue;
    throw new SwitchboardError(
      'SWB_ENGINE',
      `cannot create container ${name}: bind source path does not exist: ${mount.source}`,
      { details: { status: 400, reason: `bind source path does not exist: ${mount.source}` } },
    );
  }
}
