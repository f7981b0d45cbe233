import { describe, expect, it } from 'vitest';
import { isEngineGone } from '../../src/engine/index.ts';
import { engineKinds, startDocker } from '../../testing/engines/index.ts';
import { eventually } from '../../testing/eventually.ts';
import { titled } from '../../testing/requirements.ts';
import { engineScene, shell, uniqueName } from './scene.ts';

for (const kind of engineKinds()) {
  describe.skipIf(kind.missing !== undefined)(titled(`${kind.name}, killed while it works`, kind.missing), () => {
    const scene = engineScene(kind);

    it('ends all waits with an error that says so, and is used again after its start', async () => {
      const { containers } = scene.engine;
      const project = uniqueName();
      const { id } = await containers.create(shell('echo ready; exec sleep 1000', { labels: { project } }));
      const { exit } = await containers.start(id);
      const lines: string[] = [];
      const following = (async () => {
        for await (const { text } of containers.logs(id, { follow: true })) {
          lines.push(text);
          process.kill(scene.server.pid, 'SIGKILL');
        }
      })().catch((error: unknown) => error);
      const failure = await exit.catch((error: unknown) => error);
      expect(isEngineGone(failure)).toBe(true);
      expect(await following).toBeInstanceOf(Error);
      expect(lines).toEqual(['ready']);
      const refused = await containers.inspect(id).catch((error: unknown) => error);
      expect(isEngineGone(refused)).toBe(true);
      expect(String(refused)).toContain('does not answer');
      await scene.server.restart();
      expect(await containers.list({ project })).toMatchObject([{ id }]);
      await containers.remove(id);
    });
  });
}

const docker = engineKinds().find(({ name }) => name === 'docker');
describe.skipIf(docker?.missing !== undefined)(titled("Docker in the machine's own network", docker?.missing), () => {
  const scene = engineScene({ name: 'docker', missing: undefined, start: () => startDocker({ network: 'host' }) });

  it('publishes ports that this process reaches, and changes no firewall', async () => {
    const { containers, networks } = scene.engine;
    const network = await networks.createFree(['10.214.0.0/16'], { name: uniqueName(), labels: {} });
    const ports = [{ containerPort: 7000, protocol: 'TCP', hostIp: '127.0.0.1', hostPort: 0 }] as const;
    const script = 'while :; do printf "HTTP/1.0 200 OK\\r\\n\\r\\nhello" | nc -l -p 7000; done';
    const { id } = await containers.create(
      shell(script, { network: { kind: 'member', network: network.name, ports } }),
    );
    await containers.start(id);
    const port = (await containers.inspect(id))?.ports[0]?.hostPort;
    // docker-proxy accepts before the container listens.
    const ask = (): Promise<string | undefined> =>
      fetch(`http://127.0.0.1:${port}/`).then(
        answer => answer.text(),
        () => undefined,
      );
    expect(await eventually('answer at the published port', ask)).toBe('hello');
    await containers.remove(id);
    await networks.remove(network.name);
  });
});
