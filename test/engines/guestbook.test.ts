import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildBusybox, engineKinds } from '../../testing/engines/index.ts';
import { titled } from '../../testing/requirements.ts';
import { podScene } from '../support/pod-scene.ts';
import { engineScene } from './scene.ts';

/** The image of the example, as its registry has it: busybox and nothing else. */
const IMAGE = 'busybox:1.37';
const EXAMPLE = resolve(import.meta.dirname, '../../examples/guestbook');
const ASK = 'until $0 http://web.guestbook/cgi-bin/list; do sleep 0.2; done; while :; do sleep 100 & wait; done';

/** A pod that dials the site by name with a program, as a process or as a container. */
function asker(name: string, program: string, image: string): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: main
      ${image}
      command: [sh, -c, ${JSON.stringify(ASK.replace('$0', program))}]
---
`;
}

const run = promisify(execFile);

/** Another replica may answer, and the first entry may not be there yet. */
function withoutReplica(text: string): string {
  return text.replace(/web-\w+-\d/g, 'web-N').trim();
}

for (const kind of engineKinds()) {
  describe.skipIf(kind.missing !== undefined)(titled(`examples/guestbook with ${kind.name}`, kind.missing), () => {
    const scene = engineScene(kind);

    beforeAll(async () => {
      await buildBusybox(scene.engine, IMAGE, ['CMD ["/bin/sh"]']);
    });

    test('the machine, a process pod and a container pod get the same answer from the site by its name', async () => {
      const askers = asker('process', 'curl -sf', '') + asker('container', 'wget -q -O -', `image: "${IMAGE}"`);
      await using up = await podScene(askers, {
        network: 'auto',
        args: ['-f', EXAMPLE],
        enter: scene.server.enter([]),
        env: { DOCKER_HOST: `unix://${scene.server.socket}` },
      });
      await up.said(/migrate.* \| added the first entry/);
      await up.said(/job guestbook\/migrate.*complete/i);
      const expected = 'The guestbook, as web-N shows it:';
      await up.said(/process \| The guestbook, as web-\w+-\d shows it:/);
      await up.said(/container \| The guestbook, as web-\w+-\d shows it:/);
      await up.running.until(/guestbook\/web:http {2}Ready 2\/2|guestbook\/web +NodePort .* 2\/2/);
      for (const address of [up.running.address('guestbook/web'), '127.0.0.1:30880']) {
        const words = ['curl', '-s', '-m', '5', `http://${address}/cgi-bin/list`];
        const [program = '', ...rest] = scene.server.enter(words);
        const { stdout } = await run(program, rest);
        expect(withoutReplica(stdout)).toBe(`${expected}\nThis guestbook is new`);
      }
    });
  });
}
