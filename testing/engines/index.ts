/**
 * Real container engines and a registry for tests, each with storage and a network of its own.
 *
 * @module
 */
import { commandsMissing, forbidSkip } from '../requirements.ts';
import { startDocker } from './docker.ts';
import type { EngineServer, EngineServerOptions } from './engine-server.ts';
import { startPodman } from './podman.ts';

export { startDocker } from './docker.ts';
export type { EngineServer, EngineServerOptions } from './engine-server.ts';
export { buildBusybox, push } from './images.ts';
export { type PodmanServer, ROOTLESS_UID, startPodman } from './podman.ts';
export { type Registry, type RegistryOptions, startRegistry } from './registry.ts';

/** A row of a table of tests: an engine, and why its tests have to skip. */
export interface EngineKind {
  readonly name: EngineServer['name'];
  readonly missing: string | undefined;
  readonly start: (options?: EngineServerOptions) => Promise<EngineServer>;
}

/** All engines, for `describe.each`. */
export function engineKinds(): readonly EngineKind[] {
  const common = notRoot() ?? commandsMissing('ip', 'unshare', 'busybox', 'runc', 'iptables');
  return [
    { name: 'docker', missing: common ?? commandsMissing('dockerd'), start: startDocker },
    { name: 'podman', missing: common ?? commandsMissing('podman'), start: startPodman },
  ];
}

function notRoot(): string | undefined {
  return process.getuid?.() === 0 ? undefined : forbidSkip('only root can start a container engine for a test');
}
