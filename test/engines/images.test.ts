import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineApi } from '../../src/engine/api/api.ts';
import { Engine, type PullProgress, parseDockerConfigJson } from '../../src/engine/index.ts';
import { buildBusybox, engineKinds, push, type Registry, startRegistry } from '../../testing/engines/index.ts';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { BUSYBOX, engineScene, runToEnd, shell } from './scene.ts';

const ACCOUNT = { username: 'ada', password: 'pass:word-marker' };

for (const kind of engineKinds()) {
  const missing = kind.missing ?? commandsMissing('docker-registry', 'htpasswd');
  describe.skipIf(missing !== undefined)(titled(`images of ${kind.name}`, missing), () => {
    const scene = engineScene(kind);
    let open: Registry;
    let guarded: Registry;

    beforeAll(async () => {
      open = await startRegistry(scene.server);
      guarded = await startRegistry(scene.server, { account: ACCOUNT });
      await push(scene.server, BUSYBOX, `${open.host}/shop/web:1`);
      const auth = { kind: 'password', ...ACCOUNT, server: guarded.host } as const;
      await push(scene.server, BUSYBOX, `${guarded.host}/shop/secret:1`, auth);
    });
    afterAll(async () => {
      await open?.[Symbol.asyncDispose]();
      await guarded?.[Symbol.asyncDispose]();
    });
    const forget = (name: string): Promise<void> => scene.engine.images.remove(name);

    it('builds from a folder, without what .dockerignore excludes, and reports its progress', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'swbbuild-'));
      mkdirSync(join(folder, 'secret'));
      for (const name of ['kept', 'dropped.log', 'secret/key', 'secret/public'])
        writeFileSync(join(folder, name), name);
      writeFileSync(join(folder, '.dockerignore'), '*.log\nsecret\n!secret/public\n');
      writeFileSync(
        join(folder, 'web.Dockerfile'),
        `FROM docker.io/library/${BUSYBOX}\nCOPY . /context\nUSER 7:8\nCMD ["hi"]\n`,
      );
      const lines: string[] = [];
      const labels = { built: 'here' };
      const image = await scene.engine.images.build(folder, {
        tag: 'built:1',
        dockerfile: 'web.Dockerfile',
        labels,
        onLine: line => lines.push(line),
      });
      rmSync(folder, { recursive: true });
      expect(lines.join('\n')).toMatch(/COPY \. \/context/);
      expect(image.config).toMatchObject({ user: '7:8', cmd: ['hi'] });
      const listed = await runToEnd(scene.engine, shell('find /context -type f | sort', { image: image.id }));
      expect(listed.output).toBe(
        '/context/.dockerignore\n/context/kept\n/context/secret/public\n/context/web.Dockerfile\n',
      );
      await forget('built:1');
    });

    it('reports why a build fails', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'swbbuild-'));
      writeFileSync(join(folder, 'Dockerfile'), `FROM docker.io/library/${BUSYBOX}\nRUN exit 3\n`);
      await expect(scene.engine.images.build(folder, { tag: 'failed:1' })).rejects.toMatchObject({
        code: 'SWB_ENGINE',
      });
      rmSync(folder, { recursive: true });
    });

    it('reads the configuration of an image, and finds none that is not there', async () => {
      const image = await buildBusybox(scene.engine, 'config:1', [
        'ENV A=1 B="two words"',
        'WORKDIR /srv',
        'USER web',
        'STOPSIGNAL SIGQUIT',
        'VOLUME /data',
        'ENTRYPOINT ["/bin/sh", "-c"]',
        'CMD ["exit 0"]',
      ]);
      expect(image.config).toMatchObject({
        entrypoint: ['/bin/sh', '-c'],
        cmd: ['exit 0'],
        user: 'web',
        workingDir: '/srv',
        stopSignal: 'SIGQUIT',
        volumes: ['/data'],
      });
      expect(image.config.env).toEqual(expect.arrayContaining(['A=1', 'B=two words']));
      expect(image).toMatchObject({ os: 'linux', architecture: scene.engine.facts.architecture });
      expect(await scene.engine.images.inspect('docker.io/library/config:1')).toMatchObject({ id: image.id });
      expect(await scene.engine.images.inspect('no/such:image')).toBeUndefined();
      await forget('config:1');
    });

    it('uses the entrypoint and command of the image, replaces them, or drops them', async () => {
      await buildBusybox(scene.engine, 'merge:1', ['ENTRYPOINT ["/bin/echo", "entry"]', 'CMD ["image"]']);
      const run = async (more: { entrypoint?: string[]; cmd?: string[] }): Promise<string> =>
        (
          await runToEnd(scene.engine, {
            name: `merge-${Math.random()}`,
            image: 'docker.io/library/merge:1',
            network: { kind: 'none' },
            ...more,
          })
        ).output;
      expect(await run({})).toBe('entry image\n');
      expect(await run({ cmd: ['mine'] })).toBe('entry mine\n');
      expect(await run({ entrypoint: ['/bin/echo'] })).toBe('\n');
      expect(await run({ entrypoint: ['/bin/echo', 'own'], cmd: ['both'] })).toBe('own both\n');
      await forget('merge:1');
    });

    it('pulls with progress, and shares one pull among all who wait', async () => {
      const name = `${open.host}/shop/web:1`;
      // Other names of the same image would keep its layers.
      for (const each of [name, BUSYBOX, `${guarded.host}/shop/secret:1`]) await forget(each);
      const steps: PullProgress[] = [];
      const onProgress = (step: PullProgress): void => void steps.push(step);
      const images = await Promise.all([1, 2, 3].map(() => scene.engine.images.pull(name, { onProgress })));
      expect(new Set(images.map(({ id }) => id)).size).toBe(1);
      expect(images[0]?.digests.join(' ')).toMatch(/shop\/web@sha256:[0-9a-f]{64}/);
      expect(steps.length).toBeGreaterThan(0);
      expect(steps.at(-1)?.layers).toBeGreaterThan(0);
      expect(steps.at(-1)?.layersDone).toBe(steps.at(-1)?.layers);
      for (const [index, step] of steps.entries()) {
        expect(step.receivedBytes).toBeLessThanOrEqual(step.totalBytes);
        expect(step.receivedBytes).toBeGreaterThanOrEqual(steps[index - 1]?.receivedBytes ?? 0);
      }
      await buildBusybox(scene.engine, BUSYBOX);
    });

    it('pulls by digest', async () => {
      // Podman keeps digests of images that it has built itself, so none of the other names may be left.
      const name = `${open.host}/shop/web:1`;
      for (const each of [name, BUSYBOX, `${guarded.host}/shop/secret:1`]) await forget(each);
      const tagged = await scene.engine.images.pull(name);
      const digest = tagged.digests.find(each => each.startsWith(open.host)) ?? '';
      expect(await scene.engine.images.pull(digest)).toMatchObject({ id: tagged.id });
      expect(await scene.engine.images.inspect(digest)).toMatchObject({ id: tagged.id });
      await buildBusybox(scene.engine, BUSYBOX);
    });

    it('applies pull policies', async () => {
      const { images } = scene.engine;
      const name = `${open.host}/shop/web:1`;
      await images.pull(name);
      expect((await images.ensure(name)).how).toBe('present');
      expect((await images.ensure(name, { policy: 'Always' })).how).toBe('pulled');
      expect((await images.ensure(BUSYBOX, { policy: 'Always' })).how).toBe('built-here');
      await expect(images.ensure(`${open.host}/shop/web:2`, { policy: 'Never' })).rejects.toMatchObject({
        code: 'SWB_IMAGE',
        message: `ErrImageNeverPull: Container image "${open.host}/shop/web:2" is not present with pull policy of Never\n  present is ${name}`,
        details: { reason: 'ErrImageNeverPull' },
      });
      await expect(images.ensure('Not A Reference')).rejects.toMatchObject({ details: { reason: 'InvalidImageName' } });
    });

    it.each([
      ['a tag that does not exist', 'not-found', () => `${open.host}/shop/web:nope`],
      ['a repository that does not exist', 'not-found', () => `${open.host}/no/such:1`],
      ['a registry that does not answer', 'unreachable', () => '127.0.0.1:1/shop/web:1'],
      ['a registry that wants an account', 'unauthorized', () => `${guarded.host}/shop/secret:1`],
    ])('names the reason for %s', async (_what, failure, name) => {
      await forget(name());
      await expect(scene.engine.images.pull(name())).rejects.toMatchObject({
        code: 'SWB_IMAGE',
        message: expect.stringContaining(`ErrImagePull: image "${name()}"`),
        details: { reason: 'ErrImagePull', failure },
      });
    });

    it('pulls a private image with an imagePullSecret, and never sends it elsewhere', async () => {
      const name = `${guarded.host}/shop/secret:1`;
      const auth = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
      const secret = (host: string) => parseDockerConfigJson(JSON.stringify({ auths: { [host]: { auth } } }));
      await forget(name);
      await expect(scene.engine.images.pull(name, { secrets: [secret('registry.example')] })).rejects.toMatchObject({
        details: { failure: 'unauthorized' },
      });
      expect(await scene.engine.images.pull(name, { secrets: [secret(guarded.host)] })).toMatchObject({ os: 'linux' });
      await forget(name);
      const wrong = parseDockerConfigJson(
        JSON.stringify({ auths: { [guarded.host]: { username: 'ada', password: 'wrong-marker' } } }),
      );
      const error = await scene.engine.images.pull(name, { secrets: [wrong] }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ details: { failure: 'unauthorized' } });
      expect(error instanceof Error ? `${error.stack} ${JSON.stringify(error)}` : '').not.toContain('marker');
    });

    it("pulls a private image with the user's own configuration", async () => {
      const name = `${guarded.host}/shop/secret:1`;
      const auth = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
      const { context, socket } = scene.server;
      const env = { ...context.env, DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [guarded.host]: { auth } } }) };
      await using engine = await Engine.open({ host: `unix://${socket}`, context: { ...context, env } });
      await forget(name);
      expect(await engine.images.pull(name)).toMatchObject({ os: 'linux' });
    });

    it('ends a pull when the signal is aborted', async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(scene.engine.images.pull(`${open.host}/shop/web:1`, { signal })).rejects.toThrow('enough');
    });

    it('loads images from an archive', async () => {
      const api = await EngineApi.open({ kind: 'socket', path: scene.server.socket });
      api.useVersion('1.41');
      const name = 'docker.io/library/loaded:7';
      await buildBusybox(scene.engine, name);
      const saved = await api.stream({ method: 'GET', path: `/images/${name}/get`, doing: 'save' });
      const archive = Buffer.concat(await saved.toArray());
      await forget(name);
      const names = await scene.engine.images.load(Readable.from([archive], { objectMode: false }));
      expect(names.join(' ')).toContain('loaded:7');
      expect(await scene.engine.images.inspect('loaded:7')).toMatchObject({ os: 'linux' });
      expect(await scene.engine.images.tags()).toEqual(expect.arrayContaining([expect.stringContaining('loaded:7')]));
      await forget(name);
    });
  });
}
