import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { type ContainerSpec, Engine } from '../../src/engine/index.ts';
import { buildBusybox, type EngineKind, type EngineServer } from '../../testing/engines/index.ts';

/** The image that all tests of an engine share. */
export const BUSYBOX = 'busybox-test:1';

/** An engine that has been started for the tests of a `describe`, and a client of it. */
export interface EngineScene {
  readonly server: EngineServer;
  readonly engine: Engine;
}

/** Starts an engine before the tests of this `describe` and stops it after them. */
export function engineScene(kind: EngineKind): EngineScene {
  let scene: EngineScene | undefined;
  beforeAll(async () => {
    const server = await kind.start();
    const engine = await Engine.open({ host: `unix://${server.socket}`, context: server.context });
    scene = { server, engine };
    await buildBusybox(engine, BUSYBOX);
  });
  afterAll(async () => {
    await scene?.engine.close();
    await scene?.server[Symbol.asyncDispose]();
  });
  const current = (): EngineScene => {
    if (scene === undefined) throw new Error('the engine has not been started');
    return scene;
  };
  return {
    get server() {
      return current().server;
    },
    get engine() {
      return current().engine;
    },
  };
}

/** A name that no other test uses. */
export function uniqueName(prefix = 'swb-test'): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

/** A container that runs a shell script. */
export function shell(script: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    name: uniqueName(),
    image: BUSYBOX_REFERENCE,
    entrypoint: ['/bin/sh', '-c', script],
    cmd: [],
    network: { kind: 'none' },
    ...more,
  };
}

const BUSYBOX_REFERENCE = `docker.io/library/${BUSYBOX}`;

/** Runs a script to its end. @returns its exit code and standard output and error */
export async function runToEnd(
  engine: Engine,
  spec: ContainerSpec,
): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> {
  const { id } = await engine.containers.create(spec);
  try {
    const { exit } = await engine.containers.start(id);
    const code = await exit;
    const texts = { stdout: '', stderr: '' };
    for await (const { stream, text } of engine.containers.logs(id)) texts[stream] += `${text}\n`;
    return { code, output: texts.stdout, errors: texts.stderr };
  } finally {
    await engine.containers.remove(id);
  }
}
