/** How the cluster source authenticates, against a real control plane and against the server in this process. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClusterSource } from '../../src/sources/cluster/index.ts';
import { Followed } from '../../testing/api-server/index.ts';
import { fromEachServer, type Server } from '../support/cluster-servers.ts';

const kinds = ['Service', 'EndpointSlice'] as const;

fromEachServer(start => {
  let api: Server;
  let directory: string;
  beforeAll(async () => {
    api = await start();
    directory = await mkdtemp(join(tmpdir(), 'switchboard-cluster-source-'));
  }, 120_000);
  afterAll(async () => {
    await api?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  describe('credentials', () => {
    /** The server's own kubeconfig with another user. */
    async function configWith(name: string, user: unknown): Promise<string> {
      const source = await readFile(api.kubeconfig, 'utf8');
      const server = /server"?: ?"([^"]+)"/.exec(source)?.[1];
      const authority = /certificate-authority-data"?: ?"?([\w+/=]+)/.exec(source)?.[1];
      const path = join(directory, `${name}.json`);
      const cluster = { server, ...(authority === undefined ? {} : { 'certificate-authority-data': authority }) };
      const config = {
        clusters: [{ name: 'it', cluster }],
        users: [{ name: 'me', user }],
        contexts: [
          { name: 'mine', context: { cluster: 'it', user: 'me', namespace: 'shop' } },
          { name: 'nobody', context: { cluster: 'it', user: 'none' } },
        ],
        'current-context': 'nobody',
      };
      await writeFile(path, JSON.stringify(config));
      return path;
    }

    /** The token in the server's own kubeconfig. */
    async function token(): Promise<string> {
      const found = /token"?: ?"?([\w-]+)/.exec(await readFile(api.kubeconfig, 'utf8'))?.[1];
      if (found === undefined) throw new Error('no token');
      return found;
    }

    test('reads a token file again when the server rejects its token', async () => {
      const file = join(directory, 'token');
      await writeFile(file, 'not-this-one\n');
      const kubeconfig = await configWith('token-file', { tokenFile: 'token' });
      await using followed = await Followed.start({ kubeconfig, context: 'mine', kinds });
      await followed.until(() => followed.happenedOf('refused').length > 0);
      expect(followed.happenedOf('refused')[0]).toMatchObject({ status: 401, why: 'Unauthorized' });
      expect(followed.loaded).toBe(false);
      expect(followed.source.contextNamespace).toBe('shop');
      await writeFile(file, `${await token()}\n`);
      await followed.until(() => followed.loaded);
    });

    test('runs an exec plugin once for all lists, and again when the server rejects its token', async () => {
      const [plugin, runs, held] = ['plugin.mjs', 'runs', 'held'].map(name => join(directory, name));
      await writeFile(String(held), 'not-this-one');
      const script = `#!/usr/bin/env node
import { appendFileSync, readFileSync } from 'node:fs';
appendFileSync(${JSON.stringify(runs)}, 'run\\n');
const status = { token: readFileSync(${JSON.stringify(held)}, 'utf8') };
const { apiVersion, kind } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
console.log(JSON.stringify({ apiVersion, kind, status }));
`;
      await writeFile(String(plugin), script);
      await chmod(String(plugin), 0o700);
      const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [plugin] };
      const kubeconfig = await configWith('exec', { exec: { ...exec, interactiveMode: 'Never' } });
      await using followed = await Followed.start({ kubeconfig, context: 'mine', kinds });
      await followed.until(() => followed.happenedOf('refused').length > 0);
      await writeFile(String(held), await token());
      await followed.until(() => followed.loaded);
      const before = (await readFile(String(runs), 'utf8')).length;
      await using again = await Followed.load({ kubeconfig, context: 'mine', kinds });
      expect((await readFile(String(runs), 'utf8')).length - before).toBe('run\n'.length);
      expect(again.happenedOf('refused')).toEqual([]);
    });

    test('closes while a plugin hangs, and ends it', async () => {
      const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['1000'] };
      const kubeconfig = await configWith('exec-slow', { exec });
      const followed = await Followed.start({ kubeconfig, context: 'mine', kinds });
      await followed.close();
      expect(followed.happened).toEqual([]);
    });

    test('reports why a plugin fails', async () => {
      const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin-anywhere' };
      const kubeconfig = await configWith('exec-missing', { exec });
      const source = await createClusterSource({ kubeconfig, context: 'mine', kinds, follow: false });
      await expect(source.load()).rejects.toThrow(
        /cannot get credentials for the API server .*: the exec plugin no-such-plugin-anywhere is not installed/,
      );
      await source.close();
    });

    test('reports a context that does not exist, with those that do', async () => {
      const kubeconfig = await configWith('contexts', {});
      await expect(createClusterSource({ kubeconfig, context: 'prod', kinds })).rejects.toThrow(
        'there is no context "prod" with a cluster; pass one with --context: mine, nobody',
      );
      await expect(createClusterSource({ kubeconfig: `${kubeconfig}.none`, kinds })).rejects.toThrow(/cannot be read/);
    });
  });
});
