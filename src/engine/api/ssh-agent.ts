import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, type ClientRequestArgs } from 'node:http';
import { Duplex } from 'node:stream';

const MAX_REASON_BYTES = 2000;

/**
 * Connects to a remote engine as the docker command line does: `ssh HOST docker system dial-stdio`. So the user's own ssh
 * checks the host's key and finds the user's keys; docker-modem's ssh2 accepts any host key.
 */
export class SshAgent extends Agent {
  readonly #target: readonly string[];
  readonly #children = new Set<ChildProcess>();

  constructor(url: string) {
    super({ keepAlive: true });
    this.#target = sshArguments(url);
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex {
    const child = spawn('ssh', [...this.#target, 'docker', 'system', 'dial-stdio'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    if (child.pid === undefined) return failing(child, callback);
    this.#children.add(child);
    const stream = Object.assign(Duplex.from({ readable: child.stdout, writable: child.stdin }), SOCKET_METHODS);
    let reason = '';
    child.stderr.on('data', (chunk: Buffer) => {
      reason = (reason + chunk.toString()).slice(-MAX_REASON_BYTES);
    });
    child.once('error', error => stream.destroy(error));
    child.once('exit', code => {
      this.#children.delete(child);
      if (code !== 0) stream.destroy(new Error(`ssh exited with ${code}: ${reason.trim()}`));
    });
    stream.once('close', () => child.kill());
    callback?.(null, stream);
    return stream;
  }

  override destroy(): void {
    super.destroy();
    for (const child of this.#children) child.kill();
  }
}

/** Without a process there are no streams; its error comes later. */
function failing(child: ChildProcess, callback: ((error: Error | null, stream: Duplex) => void) | undefined): Duplex {
  const stream = Object.assign(new Duplex(), SOCKET_METHODS);
  child.once('error', error => {
    stream.destroy();
    callback?.(error, stream);
  });
  return stream;
}

/** Methods of a socket that HTTP calls; a pipe has no timer and no Nagle. */
const SOCKET_METHODS = {
  setTimeout(this: Duplex): Duplex {
    return this;
  },
  setNoDelay(): void {},
  setKeepAlive(): void {},
  ref(): void {},
  unref(): void {},
};

/** `--` keeps a host that starts with `-` from being an option. */
export function sshArguments(url: string): string[] {
  const { hostname, port, username } = new URL(url);
  return [
    ...(username === '' ? [] : ['-l', decodeURIComponent(username)]),
    ...(port === '' ? [] : ['-p', port]),
    '-o',
    'ConnectTimeout=30',
    '-T',
    '--',
    hostname.replace(/^\[|\]$/g, ''),
  ];
}
