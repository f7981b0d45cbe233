import type { FindContext } from '../../src/engine/index.ts';

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
