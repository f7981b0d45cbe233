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

  test('A4, C4: a container waits for its Secret, whose value is in no output and in no label', async () => {
    const container = script(
      `echo "the length is $(printf %s "$PASSWORD" | wc -c)"`,
      'env: [{ name: PASSWORD, valueFrom: { secretKeyRef: { name: db, key: password } } }]',
    );
    const pod = imagePod('p', container);
    await using up = await pods(pod);
    await up.said(/CreateContainerConfigError: secret "db" not found/);
    await up.edit(pod + secret('db', { password: 'canary-7391' }));
    await up.said(/p \| the length is 11/);
    const labels = (await scene.engine.containers.list({})).map(({ labels: all }) => JSON.stringify(all)).join();
    expect(up.running.output + labels).not.toMatch(/canary-7391/);
  });

  test('B4: an edit of a ConfigMap changes its files while the container runs', async () => {
    const pod = imagePod(
      'p',
      script(
        'cat /config/key; until grep -q second /config/key; do sleep 0.1; done; echo " and $(cat /config/key)"',
        'volumeMounts: [{ name: c, mountPath: /config }]',
      ),
      'volumes: [{ name: c, configMap: { name: c } }]',
    );
    await using up = await pods(pod + configMap('c', { key: 'first' }));
    await up.running.until(/ready: /, 'stderr');
    await up.edit(pod + configMap('c', { key: 'second' }));
    await up.said(/p \| first and second/);
  });

  test('B1, B11, A30: an emptyDir is writable for the user and group of the pod, and so is a part of it', async () => {
    const pod = imagePod(
      'p',
      script(
        'id -u; id -G; touch /all/x /part/y && ls /all /all/sub; stat -c %g /all/x',
        'volumeMounts: [{ name: v, mountPath: /all }, { name: v, mountPath: /part, subPath: sub }]',
      ),
      'securityContext: { runAsUser: 1234, fsGroup: 2345 }\nvolumes: [{ name: v, emptyDir: {} }]',
    );
    await using up = await pods(pod);
    await up.said(/p \| 1234\n(.*\n)*p \| .*2345.*\n(.*\n)*p \| y\n(.*\n)*p \| 2345/);
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

  test('A29: runAsNonRoot refuses an image whose user is root', async () => {
    const pod = imagePod('p', script('echo no'), 'securityContext: { runAsNonRoot: true }');
    await using up = await pods(pod);
    await up.said(/CreateContainerConfigError: container has runAsNonRoot and image will run as root/);
  });

  test('A31, A32: a read-only root is read-only, and a privileged container is refused', async () => {
    const fixed = imagePod(
      'fixed',
      script('touch /x || echo "cannot write"', 'securityContext: { readOnlyRootFilesystem: true }'),
    );
    const owner = imagePod('owner', script('echo no', 'securityContext: { privileged: true }'));
    await using up = await pods(fixed + owner);
    await up.said(/fixed \| cannot write/);
    await up.said(
      /container main is privileged, and so could take over this machine; allow it with --allow-privileged/,
    );
  });
});
