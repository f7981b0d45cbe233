import { spawnSync } from 'node:child_process';
import { commandsMissing, forbidSkip } from './requirements.ts';

/** Why a test that gives pods networks of their own has to skip; undefined: it can run. */
export function podNetworksMissing(): string | undefined {
  if (process.platform !== 'linux') return forbidSkip('network namespaces exist on Linux only');
  const { status } = spawnSync('unshare', ['--user', '--map-root-user', '--net', 'true'], { stdio: 'ignore' });
  if (status !== 0) return forbidSkip('this system allows no user namespaces');
  return commandsMissing('ip', 'nft');
}
