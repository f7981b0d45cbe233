/**
 * Requests of other commands of the same user to start a Job of a CronJob: one line with the CronJob's key, and one line of
 * JSON as the answer.
 *
 * @module
 */
import { readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isRecord, parseJson } from '../data/index.ts';
import { messageOf, SwitchboardError } from '../errors.ts';
import { listen, runtimeFolder } from '../system/index.ts';
import type { Instance } from './state-server.ts';

/** Longer than any key of an object. */
const MAX_REQUEST = 1024;
const SILENCE_MS = 5_000;

export class JobServer {
  readonly #server = createServer(socket => this.#answer(socket));
  readonly #run: (key: string) => string;
  readonly #path: string;

  /** @param run starts a Job and returns its key, or throws the reason for the user */
  constructor(run: (key: string) => string, { pid, folder }: Instance, failed: (why: string) => void) {
    this.#run = run;
    this.#path = join(folder ?? runtimeFolder(), `jobs-${pid}.sock`);
    rmSync(this.#path, { force: true });
    this.#server.unref();
    const onError = (error: unknown): void => failed(messageOf(error));
    listen(this.#server, { path: this.#path }, { onError }).catch(onError);
  }

  close(): void {
    this.#server.close();
    rmSync(this.#path, { force: true });
  }

  #answer(socket: Socket): void {
    let request = '';
    socket.setEncoding('utf8');
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (part: string) => {
      request += part;
      if (request.length > MAX_REQUEST) socket.destroy();
      else if (request.endsWith('\n')) socket.end(JSON.stringify(this.#started(request.trim())));
    });
  }

  #started(key: string): { readonly job: string } | { readonly why: string } {
    try {
      return { job: this.#run(key) };
    } catch (error) {
      return { why: messageOf(error) };
    }
  }
}

/**
 * Starts a Job of a CronJob in the only running `up --run` of this user.
 *
 * @returns the Job's key
 * @throws SWB_NOT_RUNNING, SWB_NOT_FOUND
 */
export async function requestJob(cronJob: string): Promise<string> {
  const folder = runtimeFolder();
  const paths = readdirSync(folder).flatMap(name => (/^jobs-\d{1,10}\.sock$/.test(name) ? [join(folder, name)] : []));
  const answers = (await Promise.all(paths.map(path => connected(path)))).flatMap(socket => socket ?? []);
  const [socket, ...others] = answers;
  for (const other of others) other.destroy();
  if (socket === undefined || others.length > 0) {
    socket?.destroy();
    const which =
      socket === undefined ? 'no "switchboard up --run" of yours runs: start it' : 'several run: end all but one';
    throw new SwitchboardError('SWB_NOT_RUNNING', which);
  }
  socket.write(`${cronJob}\n`);
  const answer = parseJson(await text(socket));
  if (isRecord(answer) && typeof answer.job === 'string') return answer.job;
  const why = isRecord(answer) && typeof answer.why === 'string' ? answer.why : 'no answer from "switchboard up"';
  throw new SwitchboardError('SWB_NOT_FOUND', why);
}

/** undefined: nobody listens there any more. */
function connected(path: string): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = connect(path);
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
