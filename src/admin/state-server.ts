import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { runtimeFolder } from './runtime-folder.ts';
import type { RunningState } from './state.ts';

/** Answers every connection on a socket of the user's own with the state as JSON, and nothing else. */
export class StateServer {
  readonly #server: Server;
  readonly #path: string | undefined;

  /** `failed`: told why nobody can ask, which is no reason not to serve. */
  constructor(state: () => RunningState, failed: (why: string) => void) {
    this.#server = createServer(socket => {
      socket.on('error', () => socket.destroy());
      socket.end(JSON.stringify(state()));
    });
    this.#server.on('error', error => failed(messageOf(error)));
    // Windows has no such folder; pipes there need a name that others cannot take first.
    if (process.platform === 'win32') return;
    try {
      this.#path = join(runtimeFolder(), `up-${process.pid}.sock`);
      rmSync(this.#path, { force: true });
      this.#server.listen(this.#path).unref();
    } catch (error) {
      failed(messageOf(error));
    }
  }

  close(): void {
    if (this.#server.listening) this.#server.close();
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }
}
