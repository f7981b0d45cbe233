import { expect, test } from 'vitest';
import { podNetworksMissing } from '../../testing/pod-networks.ts';
import { titled } from '../../testing/requirements.ts';
import { switchboard } from '../support/cli.ts';
import { describeNetworks } from '../support/pod-networks.ts';
import { homeEnv, podScene, WAIT } from '../support/pod-scene.ts';

const missing = podNetworksMissing();

function job(name: string, script: string, spec = ''): string {
  return `apiVersion: batch/v1
kind: Job
metadata: { name: ${name} }
spec:
  ${spec.replaceAll('\n', '\n  ')}
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: main, image: none, command: [sh, -c, ${JSON.stringify(script)}] }]
---
`;
}

describeNetworks('workloads in the network', missing, network => {
  test('A56: Jobs run to completion, one pod for each index, and are repeated when they fail', async () => {
    const yaml =
      job('once', 'echo done') +
      job('fails', 'exit 1', 'backoffLimit: 1') +
      job('indexed', 'echo "index $JOB_COMPLETION_INDEX on $HOSTNAME"', 'completions: 2\ncompletionMode: Indexed');
    await using scene = await podScene(yaml, { network });
    await scene.said(/^job default\/once: Complete, 1\/1 completions$/m);
    await scene.said(/\| index 0 on indexed-0$/m);
    await scene.said(/\| index 1 on indexed-1$/m);
    await scene.said(/^job default\/indexed: Complete, 2\/2 completions$/m);
    await scene.said(/^job default\/fails: Failed: BackoffLimitExceeded, 0\/1 completions$/m);
    expect(scene.running.stderr.match(/once-\S+ \| done/g)).toHaveLength(1);
  });

  test('A56: a Job with another template runs again', async () => {
    await using scene = await podScene(job('once', 'echo first'), { network });
    await scene.said(/\| first\n(.*\n)*job default\/once: Complete/);
    await scene.edit(job('once', 'echo second'));
    await scene.said(/\| second\n(.*\n)*job default\/once: Complete/);
  });

  test('A53: a Deployment with Recreate ends its pods before it starts others', async () => {
    const deployment = (word: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  strategy: { type: Recreate }
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 5
      containers: [{ name: main, image: none, command: [sh, -c, "trap 'echo ${word} ends; exit 0' TERM; echo ${word} starts; ${WAIT}"] }]
`;
    await using scene = await podScene(deployment('old'), { network });
    await scene.said(/old starts\n(.*\n)*.*old starts/);
    await scene.edit(deployment('new'));
    await scene.said(/new starts\n(.*\n)*.*new starts/);
    const order = [...scene.running.stderr.matchAll(/\| (old ends|new starts)$/gm)].map(match => match[1]);
    expect(order).toEqual(['old ends', 'old ends', 'new starts', 'new starts']);
  });
});

test('A53: with minReadySeconds a roll-out goes on when its pods have been ready for so long', async () => {
  const deployment = (word: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  minReadySeconds: 1
  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: main, image: none, command: [sh, -c, "trap 'echo ${word} ends; exit 0' TERM; echo ${word} starts; ${WAIT}"] }]
`;
  await using scene = await podScene(deployment('old'), { network: 'shared' });
  await scene.said(/old starts/);
  // Another file event must not be needed for the old pod to end.
  await scene.edit(deployment('new'));
  await scene.said(/new starts\n(.*\n)*.*old ends/);
});

test.skipIf(missing !== undefined)(titled('A57: a CronJob runs on request', missing), async () => {
  const cronJob = `apiVersion: batch/v1
kind: CronJob
metadata: { name: backup }
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: none, command: [sh, -c, echo saved] }] } } }
`;
  await using scene = await podScene(cronJob);
  await scene.said(
    /CronJob default\/backup \(0 3 \* \* \*; next at \d{4}-\d\d-\d\d 03:00 UTC\) does not run by its schedule without --cron/,
  );
  const run = (name: string) => switchboard(['job', 'run', name], { env: homeEnv(scene.home) });
  expect(await run('backup')).toMatchObject({ code: 0, stderr: expect.stringContaining('backup-manual-1 started') });
  await scene.said(/\| saved\n(.*\n)*job default\/backup-manual-1: Complete, 1\/1 completions/);
  expect(await run('other')).toMatchObject({ code: 2, stderr: expect.stringContaining('SWB_NOT_FOUND') });
  await scene.running.stop();
  expect(await run('backup')).toMatchObject({ stderr: expect.stringContaining('SWB_NOT_RUNNING') });
});

test('A55: a DaemonSet and a ReplicationController run their pods', async () => {
  const template = `template:
    metadata: { labels: { app: x } }
    spec: { containers: [{ name: main, image: none, command: [sh, -c, "echo $NAME runs; ${WAIT}"], env: [{ name: NAME, value: KIND }] }] }`;
  const yaml = `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: d }
spec:
  selector: { matchLabels: { app: x } }
  ${template.replace('KIND', 'daemon')}
---
apiVersion: v1
kind: ReplicationController
metadata: { name: rc }
spec:
  replicas: 2
  ${template.replace('KIND', 'controller')}
`;
  await using scene = await podScene(yaml, { network: 'shared' });
  await scene.said(/daemon runs/);
  await scene.said(/controller runs\n(.*\n)*.*controller runs/);
});
