import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { podNetworksMissing } from '../../testing/pod-networks.ts';
import { titled } from '../../testing/requirements.ts';
import { switchboard } from '../support/cli.ts';
import { describeNetworks } from '../support/pod-networks.ts';
import { configMap, homeEnv, podScene, secret, shellPod, WAIT } from '../support/pod-scene.ts';

const noNamespaces = podNetworksMissing();

describeNetworks('the environment of pods in the network', noNamespaces, network => {
  test('A1, A4, A7, A10: has Secrets, resources and HOSTNAME, and env over envFrom', async () => {
    const yaml =
      secret('login', { USER_NAME: 'admin', PASSWORD: 's3cret' }) +
      shellPod({
        script: `echo "got $USER_NAME $PASSWORD $PW $CPU $HOSTNAME"; ${WAIT}`,
        container: `resources: { limits: { cpu: 1500m } }
envFrom: [{ secretRef: { name: login } }]
env:
  - { name: USER_NAME, value: override }
  - { name: PW, valueFrom: { secretKeyRef: { name: login, key: PASSWORD } } }
  - { name: CPU, valueFrom: { resourceFieldRef: { resource: limits.cpu } } }`,
      });
    await using scene = await podScene(yaml, { network });
    await scene.said(/p \| got override s3cret s3cret 2 p$/m);
  });

  test('A4: a container waits for a Secret, and starts when it comes', async () => {
    const pod = shellPod({
      script: `echo "got $PASSWORD"; ${WAIT}`,
      container: 'envFrom: [{ secretRef: { name: login } }]',
    });
    await using scene = await podScene(pod, { network });
    await scene.said(/pod default\/p: CreateContainerConfigError: secret "login" not found/);
    await scene.edit(pod + secret('login', { OTHER: 'x', PASSWORD: 'came' }));
    await scene.said(/p \| got came$/m);
  });

  test('A4: a container waits for a key of a ConfigMap, and starts when it comes', async () => {
    const pod = shellPod({
      script: `echo "got $A"; ${WAIT}`,
      container: 'env: [{ name: A, valueFrom: { configMapKeyRef: { name: c, key: a } } }]',
    });
    await using scene = await podScene(pod + configMap('c', {}), { network });
    await scene.said(/CreateContainerConfigError: couldn't find key a in ConfigMap default\/c/);
    await scene.edit(pod + configMap('c', { a: 'came' }));
    await scene.said(/p \| got came$/m);
  });

  test('A16: a restarted container gets the changed values', async () => {
    const pod = (value: string) =>
      configMap('c', { A: value }) +
      shellPod({
        script: 'echo "got $A"; exit 1',
        container: 'envFrom: [{ configMapRef: { name: c } }]',
      });
    await using scene = await podScene(pod('old'), { network });
    await scene.said(/p \| got old$/m);
    await scene.edit(pod('new'));
    await scene.said(/p \| got new$/m);
  });

  test('--env and --env-file win over the manifest, for one workload or for all', async () => {
    const script = `echo "got $A $B $C $FROM_SHELL"; ${WAIT}`;
    const container = 'env: [{ name: A, value: manifest }, { name: B, value: manifest }]';
    const yaml = shellPod({ name: 'one', script, container }) + shellPod({ name: 'two', script, container });
    await using files = await podScene('kind: List\napiVersion: v1\nitems: []\n', { network });
    const file = join(files.folder, 'app.env');
    await writeFile(file, '# all\nC="from file"\nA=file\n');
    const args = ['--env', 'one:A=flag', '--env', 'FROM_SHELL', '--env-file', file, '--env', 'gone:A=1'];
    await using scene = await podScene(yaml, { network, args, env: { FROM_SHELL: 'shell' } });
    await scene.said(/one \| got flag manifest from file shell$/m);
    await scene.said(/two \| got file manifest from file shell$/m);
    await scene.said(/--env gone:A is for a workload that has no pods here/);
  });
});

describe('values of Secrets', () => {
  test.skipIf(noNamespaces !== undefined)(
    titled('C4, C9: are in nothing that up --run writes, and in no arguments of processes', noNamespaces),
    async () => {
      const canary = 'canary/+ value?&';
      const forms = [canary, Buffer.from(canary).toString('base64'), encodeURIComponent(canary)];
      const yaml =
        `apiVersion: v1\nkind: Secret\nmetadata: { name: login }\ndata: { PASSWORD: ${forms[1]} }\n---\n` +
        `apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: p }, ports: [{ port: 80 }] }\n---\n` +
        shellPod({
          script: `test "$PASSWORD" = "$(cat /secrets/PASSWORD)" && echo same; ${WAIT}`,
          spec: 'volumes: [{ name: s, secret: { secretName: login } }]',
          container: `volumeMounts: [{ name: s, mountPath: /secrets }]
envFrom: [{ secretRef: { name: login } }]
readinessProbe: { exec: { command: [sh, -c, 'test -n "$PASSWORD"'] } }
livenessProbe: { exec: { command: ["false"] }, periodSeconds: 1, failureThreshold: 1 }
lifecycle: { preStop: { exec: { command: ["false"] } } }`,
        });
      const scene = await podScene(yaml, {
        args: at => ['-o', 'jsonl', '-v', '--log-file', join(at, 'all.log')],
      });
      const { running, home, folder } = scene;
      const seen: string[] = [];
      try {
        await scene.said(/p \| same/);
        await scene.said(/livenessProbe failed/);
        seen.push(processArguments());
        const env = homeEnv(home);
        for (const words of [
          ['get', 'services', '--against', 'running', '-o', 'json'],
          ['explain', 'svc/web', '--against', 'running', '-o', 'json'],
        ]) {
          const { stdout, stderr } = await switchboard(words, { env });
          seen.push(stdout, stderr);
        }
        seen.push(filesBelow(home));
        await scene.edit('apiVersion: v1\nkind: Secret\nmetadata: { name: login }\ndata: { PASSWORD: "***" }\n');
        await scene.said(/PASSWORD/);
        await running.stop();
        seen.push(running.stdout, running.stderr, filesBelow(home), filesBelow(folder, 'app.yaml'));
        for (const form of forms) expect(seen.join('\n')).not.toContain(form);
      } finally {
        await scene[Symbol.asyncDispose]();
      }
    },
  );
});

function processArguments(): string {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}

function filesBelow(folder: string, except = ''): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name !== except)
    .map(entry => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'latin1')}`)
    .join('\n');
}
