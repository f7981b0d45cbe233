import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildBusybox, engineKinds, push, startRegistry } from '../../testing/engines/index.ts';
import { eventually } from '../../testing/eventually.ts';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { switchboard } from '../support/cli.ts';
import { configMap, homeEnv, type PodScene, podScene, type SceneOptions, secret } from '../support/pod-scene.ts';
import { BUSYBOX, engineScene } from './scene.ts';

const NOTHING = 'kind: List\napiVersion: v1\nitems: []\n';
/** The program of an image that serves the files below /www. */
const WEB = 'web-test:1';
const run = promisify(execFile);
const registryMissing = commandsMissing('docker-registry', 'htpasswd');

/** A pod with an image, and a Service of its name. */
function imagePod(name: string, container: string, spec = '', port = 8080): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 80, targetPort: ${port} }] }
---
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  terminationGracePeriodSeconds: 1
  ${spec.replaceAll('\n', '\n  ')}
  containers:
    - name: main
      ${container.replaceAll('\n', '\n      ')}
---
`;
}

/** A container that runs a script with busybox and then waits. */
function script(text: string, more = ''): string {
  const command = JSON.stringify(['sh', '-c', `${text}; while :; do sleep 100 & wait; done`]);
  return `image: ${BUSYBOX}\ncommand: ${command}\n${more}`;
}

for (const { name: kind, missing, start } of engineKinds()) {
  describe.skipIf(missing !== undefined)(titled(`pods as containers of ${kind}`, missing), () => {
    const scene = engineScene({ name: kind, missing, start });

    beforeAll(async () => {
      await buildBusybox(scene.engine, WEB, ['CMD ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"]']);
    });

    const pods = (yaml: string, options: SceneOptions = {}): Promise<PodScene> =>
      podScene(yaml, {
        network: 'engine',
        ...options,
        enter: scene.server.enter([]),
        env: { DOCKER_HOST: `unix://${scene.server.socket}`, ...options.env },
      });

    /** The answer at the address of a Service, from a program of the machine. */
    const dial = async ({ running }: PodScene, service: string): Promise<string> => {
      const [program = '', ...words] = scene.server.enter([
        'curl',
        '-s',
        '-m',
        '5',
        `http://${running.address(service)}/`,
      ]);
      return (await run(program, words).catch(error => ({ stdout: String(error) }))).stdout;
    };

    const left = async (): Promise<string[]> => {
      const { containers, networks, volumes } = scene.engine;
      const all = [await containers.list({}), await networks.list({}), await volumes.list({})].flat();
      return all.flatMap(({ name, labels }) => ('dev.switchboard.session' in labels ? [name] : []));
    };

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
        const env = { ...homeEnv(second.home), DOCKER_HOST: `unix://${scene.server.socket}` };
        const enter = scene.server.enter([]);
        expect((await switchboard(['volumes', 'ls'], { env, enter })).stdout).toMatch(/default +data +volume swb-/);
        const used = await switchboard(['volumes', 'rm', 'data'], { env, enter });
        expect(used.stderr).toMatch(/in use|being used/);
        await second.running.stop();
        const removed = await switchboard(['volumes', 'rm', 'data'], { env, enter });
        expect(removed.stderr).toMatch(/removed .*\/default\/data/);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });

    test('A17, A37: a program that the image lacks, and one that ends, are restarted', async () => {
      const lacks = imagePod('lacks', `image: ${BUSYBOX}\ncommand: [/no/such/program]`);
      const ends = imagePod('ends', `image: ${BUSYBOX}\ncommand: [sh, -c, "echo run; exit 3"]`);
      await using up = await pods(lacks + ends);
      await up.said(/pod default\/lacks.*could not be started: .*no such file/i);
      await up.said(/pod default\/ends.*exited with code 3; restarts at once/);
      await up.said(/ends \| run\n(.*\n)*ends \| run/);
    });

    test('A47, A48: an image that is not there is named, and the container starts once it is built', async () => {
      const tag = `built-later-${kind}:1`;
      const pod = imagePod('p', `image: ${tag}\nimagePullPolicy: Never\ncommand: [sh, -c, "echo it runs; sleep 1000"]`);
      await using up = await pods(pod);
      await up.said(new RegExp(`ErrImageNeverPull: Container image "${tag}" is not present with pull policy of Never`));
      await buildBusybox(scene.engine, tag);
      await up.said(/p \| it runs/);
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

    test('A41, A43, A45: exec probes, hooks and termination messages work in the container', async () => {
      const pod = imagePod(
        'p',
        `image: ${BUSYBOX}
command: [sh, -c, "sleep 1; echo ended well > /dev/termination-log; exit 4"]
lifecycle: { postStart: { exec: { command: [sh, -c, "touch /started"] } } }
readinessProbe: { exec: { command: [test, -e, /started] }, periodSeconds: 1 }`,
      );
      await using up = await pods(pod);
      await up.running.until(/default\/p:80 {2}Ready 1\/1|default\/p .* 1\/1/);
      await up.said(/exited with code 4: ended well; restarts at once/);
    });

    test('A36, A35: an init container runs before, and a sidecar beside the others', async () => {
      const pod = imagePod(
        'p',
        script('cat /shared/f; echo main'),
        `initContainers:
  - { name: first, image: "${BUSYBOX}", command: [sh, -c, "echo from init > /shared/f"], volumeMounts: [{ name: s, mountPath: /shared }] }
  - { name: beside, image: "${BUSYBOX}", command: [sh, -c, "echo side; while :; do sleep 100 & wait; done"], restartPolicy: Always }
volumes: [{ name: s, emptyDir: {} }]`,
      ).replace(/(command: \["sh".*\n)/, '$1      volumeMounts: [{ name: s, mountPath: /shared }]\n');
      await using up = await pods(pod);
      await up.said(/side\n(.*\n)*.*from init\n(.*\n)*.*main/);
    });

    test('A56: a Job runs to its end, and its pod is there for its log', async () => {
      const job = `apiVersion: batch/v1
kind: Job
metadata: { name: migrate }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: "${BUSYBOX}", command: [sh, -c, "echo migrated"] }] } } }
`;
      await using up = await pods(job);
      await up.said(/\| migrated/);
      await up.said(/job default\/migrate.*complete/i);
    });

    test('G5: process pods, container pods and a process of the machine reach each other by name', async () => {
      // A process of the engine's network, where this test is not.
      const [program = '', ...words] = scene.server.enter([
        process.execPath,
        '-e',
        "require('http').createServer((q, r) => r.end('from the machine')).listen(8099, '127.0.0.1', () => console.log('listens'))",
      ]);
      const child = execFile(program, words);
      try {
        await new Promise(resolve => child.stdout?.once('data', resolve));
        const asks = (names: readonly string[]) =>
          names.map(name => `until wget -q -O - http://${name}/; do sleep 0.2; done; echo " at ${name}"`).join('; ');
        const process_ = `apiVersion: v1
kind: Service
metadata: { name: process }
spec: { selector: { app: process }, ports: [{ port: 80, targetPort: 8000 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: process, labels: { app: process } }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: main
      command: [sh, -c, ${JSON.stringify('mkdir -p /tmp/swb-www; echo from-a-process > $0/index.html; busybox httpd -p 8000 -h $0; for n in container outside; do until curl -sf http://$n/; do sleep 0.2; done; echo " at $n"; done; while :; do sleep 100 & wait; done')}, DIR]
---
`;
        const files = await mkdtemp(join(tmpdir(), 'swb-www-'));
        const yaml =
          process_.replace('DIR', files) +
          imagePod(
            'container',
            script(
              `mkdir /w; echo from-a-container > /w/index.html; httpd -p 8080 -h /w; ${asks(['process', 'outside'])}`,
            ),
          ) +
          'apiVersion: v1\nkind: Service\nmetadata: { name: outside }\nspec: { ports: [{ port: 80, targetPort: 8099 }] }\n';
        await using up = await pods(yaml, { network: 'auto', args: ['--endpoint', 'outside=127.0.0.1:8099'] });
        await up.said(
          /container \| from-a-process\n(.*\n)*container \| {2}at process|container \| from-a-process\n(.*\n)*container \| at process/,
        );
        await up.said(/container \| from the machine at outside/);
        await up.said(/process \| from-a-container\n(.*\n)*process \|\s+at container/);
        await up.said(/process \| from the machine at outside/);
        expect(await dial(up, 'default/container')).toBe('from-a-container\n');
        expect(await dial(up, 'default/process')).toBe('from-a-process\n');
        await rm(files, { recursive: true, force: true });
      } finally {
        child.kill();
      }
    });

    test('exec runs a command in the container, and restart replaces it', async () => {
      await using up = await pods(imagePod('p', script('echo "runs here"; echo only-here > /mark')));
      await up.said(/p \| runs/);
      const env = { ...homeEnv(up.home), DOCKER_HOST: `unix://${scene.server.socket}` };
      const enter = scene.server.enter([]);
      const cat = await switchboard(['exec', 'pod/p', '--', 'cat', '/mark'], { env, enter });
      expect(cat).toMatchObject({ code: 0, stdout: 'only-here\n' });
      const fails = await switchboard(['exec', 'p', '-c', 'main', '--', 'sh', '-c', 'echo no >&2; exit 7'], {
        env,
        enter,
      });
      expect(fails).toMatchObject({ code: 7, stderr: 'no\n' });
      const lacks = await switchboard(['exec', 'p', '--', '/no/such/program'], { env, enter });
      expect(lacks.code).not.toBe(0);
      expect((await switchboard(['restart', 'p'], { env, enter })).stderr).toMatch(/restarts p/);
      await up.said(/p \| runs here\n(.*\n)*p \| runs here/);
      expect((await switchboard(['restart', 'q'], { env, enter })).stderr).toMatch(/no pod of "q" runs here/);
    });

    test('down removes what an instance has left whose reaper was killed, too', async () => {
      const { networks } = scene.engine;
      const labels = {
        'dev.switchboard.project': 'p',
        'dev.switchboard.session': 's',
        'dev.switchboard.owner': '999999999:-',
      };
      await networks.createFree(['10.199.0.0/24'], { name: 'swb-left', labels });
      const env = {
        HOME: tmpdir(),
        XDG_RUNTIME_DIR: join(tmpdir(), 'swb-none'),
        DOCKER_HOST: `unix://${scene.server.socket}`,
      };
      const down = await switchboard(['down'], { env, enter: scene.server.enter([]) });
      expect(down.stderr).toMatch(/removed 1 containers, networks and volumes that a killed instance has left/);
      expect(await left()).toEqual([]);
    });

    test('D26: nothing is left after kill -9', async () => {
      await using up = await pods(imagePod('p', script('echo runs'), 'volumes: [{ name: v, emptyDir: {} }]'));
      await up.said(/p \| runs/);
      up.running.signal('SIGKILL');
      await up.running.exited;
      await eventually('an engine without our objects', async () => (await left()).length === 0);
    });

    test('F: a container that somebody removes is started again', async () => {
      await using up = await pods(imagePod('p', script('echo "runs as $(hostname)"')));
      await up.said(/p \| runs as p/);
      const own = (await scene.engine.containers.list({})).find(
        ({ labels }) => labels['dev.switchboard.container'] === 'main',
      );
      if (own === undefined) throw new Error('no container');
      await scene.engine.containers.remove(own.id);
      await up.said(/p \| runs as p\n(.*\n)*p \| runs as p/);
    });

    test('--image and --build: a workload runs another image', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'swb-build-'));
      try {
        await writeFile(
          join(folder, 'Dockerfile'),
          `FROM ${BUSYBOX}\nCMD ["/bin/sh", "-c", "echo built here; sleep 1000"]\n`,
        );
        const yaml =
          imagePod('built', 'image: registry.invalid/web:1', '') +
          imagePod('named', 'image: registry.invalid/web:1\ncommand: [sh, -c, "echo named; sleep 1000"]', '');
        await using up = await pods(yaml, { args: ['--build', `built=${folder}`, '--image', `named=${BUSYBOX}`] });
        await up.said(/built \| built here/);
        await up.said(/named \| named/);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });

    test('D27: pods run on, or again, when the engine has been restarted, and their output is followed', async () => {
      await using up = await pods(imagePod('p', script('while :; do echo tick; sleep 0.2; done')));
      await up.said(/p \| tick/);
      await scene.server.restart();
      const before = up.running.stderr.length;
      await up.running.until(/p \| tick\np \| tick/, 'stderr', before);
      await up.edit(NOTHING);
      await up.running.until(/- default\/p:80 {2}route removed/);
    });
  });
}
