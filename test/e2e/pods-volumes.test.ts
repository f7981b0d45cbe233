import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { podNetworksMissing } from '../../testing/pod-networks.ts';
import { titled } from '../../testing/requirements.ts';
import { switchboard } from '../support/cli.ts';
import { configMap, homeEnv, podScene, secret, shellPod, WAIT } from '../support/pod-scene.ts';

const missing = podNetworksMissing();

/** Prints a file whenever it changes. */
const follow = (file: string): string =>
  `last=; while :; do now=$(cat ${file} 2>/dev/null); [ "$now" = "$last" ] || echo "now:$now:"; last=$now; sleep 0.02; done`;

describe.skipIf(missing !== undefined)(titled('volumes of pods in networks of their own', missing), () => {
  test('B2, B3, B5: ConfigMaps and Secrets are files, with items and modes, read-only', async () => {
    const yaml =
      configMap('c', { 'a.txt': 'text', b: 'other' }) +
      secret('s', { key: 'value' }) +
      shellPod({
        script: `cat /etc/conf/sub/x; stat -L -c ' %a' /etc/conf/sub/x /secrets/key; readlink /etc/conf/sub /etc/conf/..data | tr -d 0-9; ls /etc/conf; touch /etc/conf/y || echo refused; stat -f -c %T /secrets; ${WAIT}`,
        spec: `volumes:
  - { name: c, configMap: { name: c, defaultMode: 0640, items: [{ key: a.txt, path: sub/x }] } }
  - { name: s, secret: { secretName: s, items: [{ key: key, path: key, mode: 0400 }] } }`,
        container: 'volumeMounts: [{ name: c, mountPath: /etc/conf }, { name: s, mountPath: /secrets }]',
      });
    await using scene = await podScene(yaml);
    await scene.said(
      /p \| text 640\np \| {2}400\np \| \.\.data\/sub\np \| \.\._{5}\.\np \| sub\n(.*\n)*p \| refused\np \| tmpfs/,
    );
  });

  test('B4: files follow their objects, and keys that were removed vanish', async () => {
    const pod = shellPod({
      script: `${follow('/conf/*')}`,
      spec: 'volumes: [{ name: c, configMap: { name: c } }]',
      container: 'volumeMounts: [{ name: c, mountPath: /conf }]',
    });
    await using scene = await podScene(pod + configMap('c', { a: 'one', b: ' two' }));
    await scene.said(/now:one two:/);
    await scene.edit(pod + configMap('c', { b: 'three' }));
    await scene.said(/now:three:/);
  });

  test('B4, B11: a file that is mounted by subPath does not follow', async () => {
    const pod = shellPod({
      script: follow('/conf/all/a /conf/one'),
      spec: 'volumes: [{ name: c, configMap: { name: c } }]',
      container: `volumeMounts:
  - { name: c, mountPath: /conf/all }
  - { name: c, mountPath: /conf/one, subPath: a }`,
    });
    await using scene = await podScene(pod + configMap('c', { a: 'old' }));
    await scene.said(/now:oldold:/);
    await scene.edit(pod + configMap('c', { a: 'new' }));
    await scene.said(/now:newold:/);
  });

  test('B2: a pod waits in ContainerCreating for an object, unless it is optional', async () => {
    const pod = shellPod({
      script: `cat /conf/a; ls /none | wc -l; ${WAIT}`,
      spec: `volumes:
  - { name: c, configMap: { name: c, items: [{ key: a, path: a }] } }
  - { name: none, secret: { secretName: none, optional: true } }`,
      container: 'volumeMounts: [{ name: c, mountPath: /conf }, { name: none, mountPath: /none }]',
    });
    await using scene = await podScene(pod);
    await scene.said(/ContainerCreating: MountVolume.SetUp failed for volume "c" : configmap "c" not found/);
    await scene.edit(pod + configMap('c', { b: '' }));
    await scene.said(/references non-existent config key: a/);
    await scene.edit(pod + configMap('c', { a: 'came\n' }));
    await scene.said(/p \| came\np \| 0$/m);
  });

  test('B6, B7: projected volumes share a folder, and the downward API follows labels', async () => {
    const pod = (label: string) =>
      secret('s', { key: 'value' }) +
      shellPod({
        script: `cat /all/key; ${follow('/all/pod/labels')}`,
        spec: `volumes:
  - name: all
    projected:
      sources:
        - secret: { name: s }
        - serviceAccountToken: { path: token }
        - downwardAPI: { items: [{ path: pod/labels, fieldRef: { fieldPath: metadata.labels } }] }`,
        container: 'volumeMounts: [{ name: all, mountPath: /all }]',
      }).replace('labels: { app: p }', `labels: { app: p, tier: ${label} }`);
    await using scene = await podScene(pod('one'));
    await scene.said(/p \| valuenow:app="p"\np \| tier="one":/);
    await scene.said(/note: volumes.projected.serviceAccountToken has no effect: nobody issues tokens here/);
    await scene.edit(pod('two'));
    await scene.said(/tier="two"/);
  });

  test('B1: an emptyDir is shared by the containers of a pod, outlives a restart, and goes with the pod', async () => {
    const yaml = shellPod({
      script:
        'if [ -e /scratch/x ]; then echo kept; read _ < /mem/never; else stat -c %a /scratch; echo 1 > /scratch/x; fi; exit 1',
      spec: `volumes: [{ name: d, emptyDir: {} }, { name: m, emptyDir: { medium: Memory, sizeLimit: 1Mi } }]
initContainers: [{ name: init, image: none, command: [sh, -c, 'df --output=size /mem | tail -1; mkfifo /mem/never'], volumeMounts: [{ name: m, mountPath: /mem }] }]`,
      container: 'volumeMounts: [{ name: d, mountPath: /scratch }, { name: m, mountPath: /mem }]',
    });
    await using scene = await podScene(yaml);
    await scene.said(/init \| +1024$|p \| +1024$/m);
    await scene.said(/p \| 777\n/);
    await scene.said(/p \| kept/);
    await scene.running.stop();
    expect(readdirSync(join(scene.home, 'state/switchboard'))).toEqual([]);
    expect(readdirSync(join(scene.home, 'run/switchboard'))).toEqual([]);
  });

  test('B1, E6: what an instance that was killed has left goes at the next start', async () => {
    await using home = await temporary();
    const yaml = shellPod({
      script: `echo secret > /scratch/x; echo runs; ${WAIT}`,
      spec: 'volumes: [{ name: d, emptyDir: {} }]',
      container: 'volumeMounts: [{ name: d, mountPath: /scratch }]',
    });
    {
      await using scene = await podScene(yaml, { home: home.path });
      await scene.said(/p \| runs/);
      scene.running.signal('SIGKILL');
      await scene.running.exited;
    }
    await using scene = await podScene(yaml, { home: home.path });
    await scene.said(/p \| runs/);
    expect(readdirSync(join(home.path, 'state/switchboard/scratch'))).toEqual([`pods-${scene.running.pid}`]);
    const files = readdirSync(join(home.path, 'run/switchboard')).sort();
    expect(files).toEqual([`pods-${scene.running.pid}`, `up-${scene.running.pid}.sock`]);
  });

  test('creates nothing on the machine for paths that do not exist, and shows the rest of their folders', async () => {
    await using home = await temporary();
    await writeFile(join(home.path, 'neighbour'), 'seen\n');
    await mkdir(join(home.path, 'folder'));
    await symlink('neighbour', join(home.path, 'link'));
    const yaml = shellPod({
      script: `cat /swb-test-at-root/f ${home.path}/a/b/f ${home.path}/neighbour ${home.path}/link; pwd; ls ${home.path}; touch ${home.path}/folder/made; mount | grep -c swb-test-at-root; ${WAIT}`,
      spec: 'volumes: [{ name: c, configMap: { name: c } }]',
      container: `workingDir: /swb-test-at-root
volumeMounts: [{ name: c, mountPath: /swb-test-at-root }, { name: c, mountPath: ${home.path}/a/b }]`,
    });
    await using scene = await podScene(yaml + configMap('c', { f: 'mine\n' }));
    await scene.said(
      /p \| mine\np \| mine\np \| seen\np \| seen\np \| \/swb-test-at-root\np \| a\np \| folder\np \| link\np \| neighbour\np \| 1$/m,
    );
    expect(existsSync('/swb-test-at-root')).toBe(false);
    expect(readdirSync(home.path).sort()).toEqual(['folder', 'link', 'neighbour']);
    expect(existsSync(join(home.path, 'folder/made'))).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)('works for a user who is not root', async () => {
    const yaml =
      secret('s', { key: 'value' }) +
      shellPod({
        script: `id -u; cat /swb-secret/key; touch /swb-scratch/x /swb-secret/x; stat -c %u /swb-scratch/x; ${WAIT}`,
        spec: 'volumes: [{ name: s, secret: { secretName: s, defaultMode: 0400 } }, { name: d, emptyDir: {} }]',
        container:
          'volumeMounts: [{ name: s, mountPath: /swb-secret }, { name: d, mountPath: /swb-scratch }, { name: s, mountPath: /etc/swb/key, subPath: key }]',
      });
    await using scene = await podScene(yaml, { uid: 65_534 });
    await scene.said(/p \| value65534$/m);
    await scene.said(/\/swb-secret\/x.*Read-only file system/);
    expect(existsSync('/swb-secret')).toBe(false);
  });

  test('C6: no pod sees the files of another one', async () => {
    const script = `ls -d /tmp/*/pods-*/volumes/*/* "$XDG_RUNTIME_DIR"/switchboard/pods-*/volumes/*/* 2>/dev/null | wc -l; ${WAIT}`;
    const spec = 'volumes: [{ name: s, secret: { secretName: s } }]';
    const container = 'volumeMounts: [{ name: s, mountPath: /usr }]';
    const yaml =
      secret('s', { key: 'value' }) +
      shellPod({ name: 'one', script, spec, container: container.replace('/usr', '/secrets') }) +
      shellPod({ name: 'two', script, spec, container: container.replace('/usr', '/mnt') });
    await using scene = await podScene(yaml);
    await scene.said(/one \| 0$/m);
    await scene.said(/two \| 0$/m);
  });

  describe('B8: hostPath', () => {
    const pod = (path: string, type = '') =>
      shellPod({
        script: `cat /host/file; ${WAIT}`,
        spec: `volumes: [{ name: h, hostPath: { path: ${path}, type: "${type}" } }]`,
        container: 'volumeMounts: [{ name: h, mountPath: /host, readOnly: true }]',
      });

    test('needs --allow-host-path, and names it', async () => {
      await using home = await temporary();
      await using scene = await podScene(pod(home.path));
      await scene.said(new RegExp(`hostPath ${home.path} is a path of this machine.*--allow-host-path ${home.path}`));
    });

    test('is mounted if it is allowed', async () => {
      await using home = await temporary();
      await writeFile(join(home.path, 'file'), 'host\n');
      await using scene = await podScene(pod(home.path, 'Directory'), { args: ['--allow-host-path', home.path] });
      await scene.said(/p \| host$/m);
    });

    test('must be of its type, and no link leads out of what is allowed', async () => {
      await using home = await temporary();
      await symlink('/etc', join(home.path, 'out'));
      const args = ['--allow-host-path', home.path];
      await using scene = await podScene(pod(home.path, 'File'), { args });
      await scene.said(new RegExp(`hostPath type check failed: ${home.path} is not a file`));
      await using other = await podScene(pod(`${home.path}/out`), { args });
      await other.said(/hostPath .*\/out is a path of this machine/);
    });
  });

  describe('B10: claims', () => {
    const claim =
      'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: data }\nspec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }\n---\n';
    const pod = shellPod({
      script: `echo run >> /data/sub-0/runs; wc -l < /data/sub-0/runs; ${WAIT}`,
      spec: 'volumes: [{ name: d, persistentVolumeClaim: { claimName: data } }]',
      container: `env: [{ name: PART, value: "0" }]
volumeMounts: [{ name: d, mountPath: /data/sub-0, subPathExpr: sub-$(PART) }]`,
    });

    test('keep their data between runs, until volumes rm', async () => {
      await using home = await temporary();
      await using folder = await temporary();
      const at = { home: home.path, folder: folder.path };
      const env = homeEnv(home.path);
      const volumes = (...words: string[]) => switchboard(['volumes', ...words], { env });
      {
        await using scene = await podScene(claim + pod, at);
        await scene.said(/p \| 1$/m);
        expect(await volumes('rm', 'data')).toMatchObject({ code: 2, stderr: expect.stringContaining('running') });
      }
      {
        await using scene = await podScene(claim + pod, at);
        await scene.said(/p \| 2$/m);
      }
      expect((await volumes('ls')).stdout).toMatch(/default\s+data\s+\//);
      expect(await volumes('rm', 'default/data')).toMatchObject({ code: 0 });
      expect((await volumes('ls')).stderr).toMatch(/no claim has data/);
      expect(await volumes('rm', 'default/data')).toMatchObject({ code: 2 });
    });

    test('are waited for', async () => {
      await using scene = await podScene(pod);
      await scene.said(/persistentvolumeclaim "data" not found/);
      await scene.edit(pod + claim);
      await scene.said(/p \| 1$/m);
    });

    test('A54: each pod of a StatefulSet has its own', async () => {
      const yaml = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  replicas: 2
  serviceName: db
  selector: { matchLabels: { app: db } }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
  template:
    metadata: { labels: { app: db } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: none
          command: [sh, -c, "echo $HOSTNAME > /data/me; ls /data; ${WAIT}"]
          volumeMounts: [{ name: data, mountPath: /data }]
`;
      await using scene = await podScene(yaml);
      await scene.said(/db-1 \| me$/m);
      const env = homeEnv(scene.home);
      expect((await switchboard(['volumes', 'ls'], { env })).stdout).toMatch(/data-db-0\s(.*\n)*.*data-db-1\s/);
    });
  });
});

test('on --network shared, one line names the volumes that are not mounted', async () => {
  const yaml = shellPod({
    script: `echo runs; ${WAIT}`,
    spec: 'volumes: [{ name: c, configMap: { name: c } }]',
    container: 'volumeMounts: [{ name: c, mountPath: /conf }]',
  });
  await using scene = await podScene(yaml + configMap('c', {}), { network: 'shared' });
  await scene.said(/p \| runs$/m);
  await scene.said(/pod default\/p: on this network no volume is mounted: \/conf \(c\); use --network namespaces/);
});

async function temporary(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'swb-volumes-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
