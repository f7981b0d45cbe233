import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { push, startRegistry } from '../../testing/engines/index.ts';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { configMap, secret } from '../support/pod-scene.ts';
import { describeEngines, imagePod, script, WEB } from './container-kit.ts';
import { BUSYBOX } from './scene.ts';

const registryMissing = commandsMissing('docker-registry', 'htpasswd');

describeEngines('what pods get as containers', ({ scene, pods, dial, command, left }) => {
  test('A23, B2, A9: replicas that all listen on one port serve a ConfigMap, by the name of their Service', async () => {
    const yaml = `${configMap('page', { 'index.html': 'from the ConfigMap' })}
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: ${WEB}
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
          volumeMounts: [{ name: page, mountPath: /www }]
      volumes: [{ name: page, configMap: { name: page } }]
---
${imagePod('client', script('until wget -q -O - http://web/; do sleep 0.2; done; wget -q -O - http://$WEB_SERVICE_HOST/; hostname; cat /etc/hosts'))}`;
    {
      await using up = await pods(yaml);
      await up.running.until(/default\/web:80 {2}Ready 2\/2|default\/web .* 2\/2/);
      expect(await dial(up, 'default/web')).toBe('from the ConfigMap');
      await up.said(/client \| from the ConfigMapfrom the ConfigMapclient/);
      await up.said(/client \| 10\.\d+\.\d+\.\d+\tclient/);
    }
    expect(await left()).toEqual([]);
  });

  test('A4, C4, B1, B4, B11, A30: Secrets, ConfigMaps and emptyDirs are there, follow edits, and show nowhere else', async () => {
    const secretive = imagePod(
      'secretive',
      script(
        `echo "the length is $(printf %s "$PASSWORD" | wc -c)"`,
        'env: [{ name: PASSWORD, valueFrom: { secretKeyRef: { name: db, key: password } } }]',
      ),
    );
    const config = imagePod(
      'config',
      script(
        'cat /config/key; until grep -q second /config/key; do sleep 0.1; done; echo " and $(cat /config/key)"',
        'volumeMounts: [{ name: c, mountPath: /config }]',
      ),
      'volumes: [{ name: c, configMap: { name: c } }]',
    );
    const writer = imagePod(
      'writer',
      script(
        'id -u; id -G; touch /all/x /part/y && ls /all /all/sub; stat -c %g /all/x',
        'volumeMounts: [{ name: v, mountPath: /all }, { name: v, mountPath: /part, subPath: sub }]',
      ),
      'securityContext: { runAsUser: 1234, fsGroup: 2345 }\nvolumes: [{ name: v, emptyDir: {} }]',
    );
    const all = secretive + config + writer;
    await using up = await pods(all + configMap('c', { key: 'first' }));
    await up.said(/secretive.*CreateContainerConfigError: secret "db" not found/);
    await up.said(/writer \| 1234\n(.*\n)*writer \| .*2345.*\n(.*\n)*writer \| y\n(.*\n)*writer \| 2345/);
    // The container has read the first one: its process runs.
    await up.running.until(/default\/config:80 {2}Ready 1\/1|default\/config .* 1\/1/);
    await up.edit(all + configMap('c', { key: 'second' }) + secret('db', { password: 'canary-7391' }));
    await up.said(/config \| first and second/);
    await up.said(/secretive \| the length is 11/);
    const labels = (await scene.engine.containers.list({})).map(({ labels: own }) => JSON.stringify(own)).join();
    expect(up.running.output + labels).not.toMatch(/canary-7391/);
  });

  test('B10: the data of a claim is there at the next start, and each folder of manifests has its own', async () => {
    const claim =
      'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: data }\nspec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }\n---\n';
    const pod = (text: string) =>
      claim +
      imagePod(
        'p',
        script(text, 'volumeMounts: [{ name: d, mountPath: /data }]'),
        'volumes: [{ name: d, persistentVolumeClaim: { claimName: data } }]',
      );
    const folder = await mkdtemp(join(tmpdir(), 'swb-claims-'));
    try {
      {
        await using first = await pods(pod('echo kept > /data/f; echo written'), { folder });
        await first.said(/p \| written/);
      }
      await using second = await pods(pod('cat /data/f'), { folder });
      await second.said(/p \| kept/);
      expect((await command(second, ['volumes', 'ls'])).stdout).toMatch(/default +data +volume swb-/);
      const used = await command(second, ['volumes', 'rm', 'data']);
      expect(used.stderr).toMatch(/in use|being used/);
      await second.running.stop();
      const removed = await command(second, ['volumes', 'rm', 'data']);
      expect(removed.stderr).toMatch(/removed .*\/default\/data/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test.skipIf(registryMissing !== undefined)(
    titled(
      'A48, A50: an image is pulled with imagePullSecrets; without them the reason is that of the registry',
      registryMissing,
    ),
    async () => {
      const account = { username: 'ada', password: 'marker-5512' };
      await using registry = await startRegistry(scene.server, { account });
      const image = `${registry.host}/shop/web:1`;
      await push(scene.server, BUSYBOX, image, { kind: 'password', ...account, server: registry.host });
      await scene.engine.images.remove(image);
      const pod = imagePod(
        'p',
        `image: ${image}\ncommand: [sh, -c, "echo pulled and running; sleep 1000"]`,
        'imagePullSecrets: [{ name: registry }]',
      );
      const auth = Buffer.from(`${account.username}:${account.password}`).toString('base64');
      const config = JSON.stringify({ auths: { [registry.host]: { auth } } });
      await using up = await pods(pod);
      await up.said(/ErrImagePull/);
      await up.edit(pod + secret('registry', { '.dockerconfigjson': config }));
      await up.said(/pulled .*shop\/web:1 .*in \d/);
      await up.said(/p \| pulled and running/);
      expect(up.running.output).not.toMatch(/marker-5512/);
    },
  );
});
