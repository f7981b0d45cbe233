/** Pods that `up` runs as containers of an engine that the test has started. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe } from 'vitest';
import { buildBusybox, type EngineKind, engineKinds } from '../../testing/engines/index.ts';
import { titled } from '../../testing/requirements.ts';
import { type Result, type RunOptions, switchboard } from '../support/cli.ts';
import { homeEnv, type PodScene, podScene, type SceneOptions } from '../support/pod-scene.ts';
import { BUSYBOX, type EngineScene, engineScene } from './scene.ts';

/** An image whose program serves the files below /www. */
export const WEB = 'web-test:1';

/** A pod with an image, and a Service of its name. */
export function imagePod(name: string, container: string, spec = '', port = 8080): string {
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
export function script(text: string, more = ''): string {
  const command = JSON.stringify(['sh', '-c', `${text}; while :; do sleep 100 & wait; done`]);
  return `image: ${BUSYBOX}\ncommand: ${command}\n${more}`;
}

export interface ContainerKit {
  readonly kind: EngineKind['name'];
  readonly scene: EngineScene;
  /** Starts `up` with pods as containers, in the network of the engine. */
  pods(yaml: string, options?: SceneOptions): Promise<PodScene>;
  /** The answer at the address of a Service, from a program of the machine. */
  dial(up: PodScene, service: string): Promise<string>;
  /** Runs another command of the user who runs `up`. */
  command(up: { readonly home: string }, args: readonly string[]): Promise<Result>;
  /** The names of what is in the engine and has our labels. */
  left(): Promise<readonly string[]>;
}

/** A group of the same tests for each engine. */
export function describeEngines(title: string, tests: (kit: ContainerKit) => void): void {
  for (const engineKind of engineKinds()) {
    const { name: kind, missing } = engineKind;
    describe.skipIf(missing !== undefined)(titled(`${title} of ${kind}`, missing), () => {
      const scene = engineScene(engineKind);
      beforeAll(async () => {
        await buildBusybox(scene.engine, WEB, ['CMD ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"]']);
      });
      tests({ kind, scene, ...helpersOf(scene) });
    });
  }
}

function helpersOf(scene: EngineScene): Omit<ContainerKit, 'kind' | 'scene'> {
  const engineEnv = () => ({ DOCKER_HOST: `unix://${scene.server.socket}` });
  return {
    pods: (yaml, options = {}) =>
      podScene(yaml, {
        network: 'engine',
        ...options,
        enter: scene.server.enter([]),
        env: { ...engineEnv(), ...options.env },
      }),
    dial: async ({ running }, service) => {
      const words = ['curl', '-s', '-m', '5', `http://${running.address(service)}/`];
      const [program = '', ...rest] = scene.server.enter(words);
      return (await promisify(execFile)(program, rest).catch(error => ({ stdout: String(error) }))).stdout;
    },
    command: ({ home }, args) => {
      const options: RunOptions = { env: { ...homeEnv(home), ...engineEnv() }, enter: scene.server.enter([]) };
      return switchboard(args, options);
    },
    left: async () => {
      const { containers, networks, volumes } = scene.engine;
      const all = [await containers.list({}), await networks.list({}), await volumes.list({})].flat();
      return all.flatMap(({ name, labels }) => ('dev.switchboard.session' in labels ? [name] : []));
    },
  };
}
