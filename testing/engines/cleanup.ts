import type { Engine } from '../../src/engine/index.ts';

/** Networks that engines make on their own and do not remove. */
const BUILT_IN = new Set(['bridge', 'host', 'none', 'podman']);

/** Removes all containers, networks and volumes of an engine. */
export async function removeEverything(engine: Engine): Promise<void> {
  const containers = await engine.containers.list({});
  // First those that joined the network of another one: Podman refuses to remove that one before.
  for (const { id } of containers) await engine.containers.remove(id).catch(() => {});
  for (const { id } of await engine.containers.list({})) await engine.containers.remove(id);
  for (const { name } of await engine.networks.list({})) if (!BUILT_IN.has(name)) await engine.networks.remove(name);
  for (const { name } of await engine.volumes.list({})) await engine.volumes.remove(name);
}
