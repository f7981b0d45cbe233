/** Pods that `up --run` runs, for tests of what a container gets. */
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, up } from './cli.ts';

export interface PodScene extends AsyncDisposable {
  readonly running: Running;
  readonly file: string;
  /** Holds the manifests. */
  readonly folder: string;
  /** Holds all state and sockets of the instance. */
  readonly home: string;
  edit(yaml: string): Promise<void>;
  /** Waits for a line of a pod's output, after the name of the pod. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface SceneOptions {
  readonly network?: string;
  readonly args?: readonly string[] | ((home: string) => readonly string[]);
  readonly env?: Readonly<Record<string, string>>;
  /** Runs `up` as this user, if the test is root. */
  readonly uid?: number;
  /** A home of an earlier scene. */
  readonly home?: string;
  /** A folder of an earlier scene. */
  readonly folder?: string;
  /** Words in front of the command, such as those that enter the network of an engine. */
  readonly enter?: readonly string[];
}

/** Starts `up --run` with a home and a runtime folder of its own, which the end removes, unless they were given. */
export async function podScene(yaml: string, options: SceneOptions = {}): Promise<PodScene> {
  const { network = 'namespaces', args = [], env = {} } = options;
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'swb-home-')));
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'swb-manifests-')));
  const file = join(folder, 'app.yaml');
  await mkdir(join(home, 'run'), { recursive: true });
  await writeFile(file, yaml);
  if (options.uid !== undefined) {
    for (const path of [home, join(home, 'run'), folder]) await chown(path, options.uid, options.uid);
  }
  const more = typeof args === 'function' ? args(home) : args;
  const clear = async (): Promise<void> => {
    if (options.home === undefined) await rm(home, { recursive: true, force: true });
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  const running = await up(['--run', '--network', network, '--no-dns', '-f', file, ...more], {
    env: { ...homeEnv(home), ...env },
    ...(options.enter === undefined ? {} : { enter: options.enter }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
  }).catch(async error => {
    await clear();
    throw error;
  });
  return {
    running,
    file,
    folder,
    home,
    edit: text => writeFile(file, text),
    said: pattern => running.until(pattern, 'stderr'),
    [Symbol.asyncDispose]: async () => {
      await running.stop();
      await clear();
    },
  };
}

/** The environment of commands that belong to the same user as a scene. */
export function homeEnv(home: string): Record<string, string> {
  return { HOME: home, XDG_STATE_HOME: join(home, 'state'), XDG_RUNTIME_DIR: join(home, 'run') };
}

export interface PodShape {
  readonly name?: string;
  /** A script for `sh`, or for another shell command line. */
  readonly script: string;
  /** YAML in flow style: fields of the container. */
  readonly container?: string;
  /** YAML in flow style: fields of the spec. */
  readonly spec?: string;
  readonly kind?: string;
}

/** A pod that runs a shell script and then waits. */
export function shellPod({ name = 'p', script, container = '', spec = '' }: PodShape): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} }, annotations: { note: hello } }
spec:
  terminationGracePeriodSeconds: 5
  ${spec.replaceAll('\n', '\n  ')}
  containers:
    - name: main
      image: none
      command: [sh, -c, ${JSON.stringify(script)}]
      ${container.replaceAll('\n', '\n      ')}
---
`;
}

/** Keeps a shell script running until it is ended. */
export const WAIT = 'while :; do sleep 100 & wait; done';

export function configMap(name: string, data: Readonly<Record<string, string>>): string {
  return `apiVersion: v1
kind: ConfigMap
metadata: { name: ${name} }
data: ${JSON.stringify(data)}
---
`;
}

export function secret(name: string, data: Readonly<Record<string, string>>): string {
  return `apiVersion: v1
kind: Secret
metadata: { name: ${name} }
stringData: ${JSON.stringify(data)}
---
`;
}
