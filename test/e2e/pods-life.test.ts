import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { podNetworksMissing } from '../../testing/pod-networks.ts';
import { titled } from '../../testing/requirements.ts';
import { folder } from '../support/cli.ts';
import { describeNetworks } from '../support/pod-networks.ts';
import { podScene, shellPod, WAIT } from '../support/pod-scene.ts';

const missing = podNetworksMissing();
const NOTHING = 'kind: List\napiVersion: v1\nitems: []\n';

/** A script that reports SIGTERM and then ends. */
const REPORTS = `trap 'echo got TERM; exit 0' TERM; echo runs; ${WAIT}`;

describeNetworks('the life of pods in the network', missing, network => {
  test('A43: preStop runs before the signal, with the environment of the container', async () => {
    await using files = await folder({});
    const pid = join(files.path, 'pid');
    const yaml = shellPod({
      script: `echo $$$$ > $PID_FILE; trap 'echo hooked' USR1; ${REPORTS}`,
      container: `env: [{ name: PID_FILE, value: ${pid} }]
lifecycle: { preStop: { exec: { command: [sh, -c, 'kill -USR1 $(cat $PID_FILE)'] } } }`,
    });
    await using scene = await podScene(yaml, { network });
    await scene.said(/p \| runs/);
    await scene.edit(NOTHING);
    await scene.said(/p \| hooked\n(.*\n)*p \| got TERM/);
  });

  test('A43: preStop is skipped if the program ended by itself, and a failed one is reported', async () => {
    const lifecycle = 'lifecycle: { preStop: { exec: { command: [sh, -c, exit 7] } } }';
    const yaml =
      shellPod({ name: 'a', script: REPORTS, container: lifecycle }) +
      shellPod({ name: 'b', script: 'exit 0', container: lifecycle, spec: 'restartPolicy: Never' });
    await using scene = await podScene(yaml, { network });
    await scene.said(/a \| runs/);
    await scene.edit(NOTHING);
    await scene.said(/pod default\/a: FailedPreStopHook: sh exited with 7/);
    await scene.said(/a \| got TERM/);
    expect(scene.running.stderr).not.toMatch(/default\/b: FailedPreStopHook/);
  });

  test('A43: a failed postStart restarts the container', async () => {
    const yaml = shellPod({
      script: REPORTS,
      container: 'lifecycle: { postStart: { exec: { command: [sh, -c, exit 3] } } }',
    });
    await using scene = await podScene(yaml, { network });
    await scene.said(/FailedPostStartHook: sh exited with 3: restarting the container/);
    await scene.said(/restarts at once/);
  });

  test('A43: the stop signal is that of the manifest', async () => {
    const yaml = shellPod({
      script: `trap 'echo got USR1; exit 0' USR1; echo runs; ${WAIT}`,
      spec: 'os: { name: linux }',
      container: 'lifecycle: { stopSignal: SIGUSR1 }',
    });
    await using scene = await podScene(yaml, { network });
    await scene.said(/p \| runs/);
    await scene.edit(NOTHING);
    await scene.said(/p \| got USR1/);
  });

  test('A36, A44: sidecars start before the others and end after them, in reverse order', async () => {
    const sidecar = (name: string) =>
      `  - { name: ${name}, image: none, restartPolicy: Always, command: [sh, -c, "trap 'echo ${name} ends; exit 0' TERM; echo ${name} starts; ${WAIT}"] }`;
    const yaml = shellPod({
      script: `trap 'echo main ends; exit 0' TERM; echo main starts; ${WAIT}`,
      spec: `initContainers:\n${sidecar('one')}\n${sidecar('two')}`,
    });
    await using scene = await podScene(yaml, { network });
    await scene.said(/main starts/);
    await scene.edit(NOTHING);
    await scene.said(/one ends/);
    const order = [...scene.running.stderr.matchAll(/\| (\w+ ends)$/gm)].map(match => match[1]);
    expect(order).toEqual(['main ends', 'two ends', 'one ends']);
  });

  test('A36: a sidecar does not keep a pod from completing', async () => {
    await using files = await folder({});
    const traps = join(files.path, 'traps');
    const yaml = shellPod({
      script: 'echo done',
      spec: `restartPolicy: Never
initContainers:
  - name: side
    image: none
    restartPolicy: Always
    command: [sh, -c, "trap 'echo side ends; exit 0' TERM; touch ${traps}; ${WAIT}"]
    startupProbe: { exec: { command: [test, -e, ${traps}] }, periodSeconds: 1 }`,
    });
    await using scene = await podScene(yaml, { network });
    await scene.said(/\| done\n(.*\n)*.*\| side ends/);
  });

  test('A45: the end of the log is the termination message, if the policy says so', async () => {
    const yaml = shellPod({
      script: 'echo no database; exit 4',
      container: 'terminationMessagePolicy: FallbackToLogsOnError',
    });
    await using scene = await podScene(yaml, { network });
    await scene.said(/exited with code 4: no database; restarts at once/);
  });
});

describe.skipIf(missing !== undefined)(titled('in namespaces', missing), () => {
  test('A45: the termination message is shown beside the exit code', async () => {
    const yaml = shellPod({ script: 'echo "no disk" > /dev/termination-log; exit 5' });
    await using scene = await podScene(yaml);
    await scene.said(/exited with code 5: no disk; restarts at once/);
  });
});

test('A46: states have the words of kubectl', async () => {
  const service = `apiVersion: v1\nkind: Service\nmetadata: { name: NAME }\nspec: { selector: { app: NAME }, ports: [{ port: 80 }] }\n---\n`;
  const yaml =
    service.replaceAll('NAME', 'crash') +
    shellPod({ name: 'crash', script: 'exit 1' }) +
    service.replaceAll('NAME', 'config') +
    shellPod({ name: 'config', script: 'exit 1', container: 'envFrom: [{ secretRef: { name: x } }]' }) +
    service.replaceAll('NAME', 'init') +
    shellPod({
      name: 'init',
      script: WAIT,
      spec: `initContainers: [{ name: wait, image: none, command: [sh, -c, "${WAIT}"] }]`,
    });
  await using scene = await podScene(yaml, { network: 'shared' });
  await scene.running.until(/CrashLoopBackOff: exited with code 1; restarts in/);
  await scene.running.until(/CreateContainerConfigError: secret "x" not found/);
  await scene.running.until(/Init:0\/1: init container wait/);
});
