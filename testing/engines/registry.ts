import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { ServerProcess } from './child-process.ts';
import type { EngineServer } from './engine-server.ts';

export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:5000`, in the network of the engine. */
  readonly host: string;
}

export interface RegistryOptions {
  /** Without it everybody may pull and push. */
  readonly account?: { readonly username: string; readonly password: string };
}

/** Starts a registry on loopback in the network of an engine. */
export async function startRegistry(engine: EngineServer, { account }: RegistryOptions = {}): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'swbregistry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify(registryConfig(folder, host, account)));
  const server = new ServerProcess(engine.enter(['docker-registry', 'serve', config]));
  const end = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually(
      'registry that listens',
      () => {
        if (server.hasEnded) throw new Error(`the registry ended:\n${server.output}`);
        return server.output.includes('listening on');
      },
      { process: server },
    );
  } catch (error) {
    await end();
    throw error;
  }
  return { host, [Symbol.asyncDispose]: end };
}

function registryConfig(folder: string, host: string, account: RegistryOptions['account']): object {
  return {
    version: 0.1,
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: host },
    ...(account !== undefined && { auth: { htpasswd: { realm: 'test', path: passwordFile(folder, account) } } }),
  };
}

function passwordFile(folder: string, { username, password }: NonNullable<RegistryOptions['account']>): string {
  const { stdout, status } = spawnSync('htpasswd', ['-Bin', username], { input: password, encoding: 'utf8' });
  if (status !== 0) throw new Error('htpasswd failed');
  const path = join(folder, 'htpasswd');
  writeFileSync(path, stdout);
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
