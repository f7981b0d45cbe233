import { Engine, type FindContext } from '../../src/engine/index.ts';
import { eventually } from '../eventually.ts';
import { ServerProcess } from './child-process.ts';
import { removeEverything } from './cleanup.ts';
import type { EnginePlace } from './place.ts';

/** A real container engine, started for a test. */
export interface EngineServer extends AsyncDisposable {
  readonly name: 'docker' | 'podman';
  /** Its unix socket. */
  readonly socket: string;
  readonly pid: number;
  /** An empty home folder and no variables of the user, so that nothing but this engine is found. */
  readonly context: FindContext;
  /** What the engine printed. */
  readonly output: string;
  /** A command in the network and among the mounts of the engine. */
  enter(command: readonly string[]): readonly string[];
  /** Ends the engine's process and starts it again with what it has stored. Containers may go on. */
  restart(): Promise<void>;
}

export interface EngineServerOptions {
  /** `own` (the default): a network namespace, so that bridges and rules do not touch the machine. */
  readonly network?: 'own' | 'host';
}

/** How to run an engine in its place. */
export interface EngineProgram extends Pick<EngineServer, 'name' | 'socket' | 'context'> {
  readonly place: EnginePlace;
  readonly command: readonly string[];
  readonly answers: (output: string) => boolean | Promise<boolean>;
  /** Called before the engine starts again. */
  readonly beforeRestart?: () => void;
  /** Called once the engine has ended for good. */
  readonly afterEnd?: () => void;
}

/** Starts an engine and waits until it answers. */
export async function runEngine(program: EngineProgram): Promise<EngineServer> {
  const { name, socket, context, place, command, answers } = program;
  let server = new ServerProcess(command);
  const ready = (): Promise<unknown> =>
    eventually(
      `answer of ${name}`,
      () => {
        if (server.hasEnded) throw new Error(`${name} ended:\n${server.output}`);
        return answers(server.output);
      },
      { process: server },
    );
  const end = async (): Promise<void> => {
    await server.stop();
    program.afterEnd?.();
    await place.remove();
  };
  try {
    await ready();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    name,
    socket,
    context,
    get pid() {
      return server.pid;
    },
    get output() {
      return server.output;
    },
    enter: inside => place.enter(inside),
    restart: async () => {
      await server.stop();
      program.beforeRestart?.();
      server = new ServerProcess(command);
      await ready();
    },
    [Symbol.asyncDispose]: async () => {
      // While it still answers: Docker's bridges would stay behind.
      await using engine = await Engine.open({ host: `unix://${socket}`, context });
      await removeEverything(engine);
      await end();
    },
  };
}
