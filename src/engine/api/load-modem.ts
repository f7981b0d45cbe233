import { createRequire } from 'node:module';
import type DockerModem from 'docker-modem';

/**
 * Loads docker-modem, the HTTP layer of dockerode, when an engine is used for the first time.
 *
 * docker-modem passes all headers and answers to the package `debug`, so that `DEBUG=*` would print registry passwords and
 * the variables of containers. So its namespace is switched off for good.
 */
export async function loadModem(): Promise<typeof DockerModem> {
  const module = await import('docker-modem');
  switchOffDebug('modem');
  return module.default;
}

function switchOffDebug(namespace: string): void {
  const modem = createRequire(import.meta.url).resolve('docker-modem');
  const debug: unknown = createRequire(modem)('debug');
  if (typeof debug !== 'function' || !('enable' in debug) || !('disable' in debug)) return;
  const { enable, disable } = debug;
  if (typeof enable !== 'function' || typeof disable !== 'function') return;
  const enabled: unknown = disable();
  if (typeof enabled === 'string' && enabled !== '') enable(`${enabled},-${namespace}`);
}
