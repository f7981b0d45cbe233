import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { escapeControls, parseJson } from '../data/index.ts';
import { SwitchboardError, systemCodeOf } from '../errors.ts';
import { type StateSocket, stateSockets } from '../system/index.ts';
import { type ParsedState, parseState, type RunningState } from './state.ts';
import type { StreamName } from './state-server.ts';

/** The answer of one socket. */
type Answer = { readonly kind: 'text'; readonly text: string } | Failure;
type Failure =
  /** No process listens there any more. */
  { readonly kind: 'gone' } | { readonly kind: 'unreadable'; readonly why: string };

export interface AskOptions {
  /** How long to wait for data. */
  readonly silenceMs?: number;
  /** The limit of the whole answer in milliseconds: one that drips is not silent. */
  readonly totalMs?: number;
  /** The maximum size of a state. */
  readonly maxBytes?: number;
}

const DEFAULT_SILENCE_MS = 5_000;
const DEFAULT_TOTAL_MS = 30_000;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Returns the state of the single running `up` of this user; as root by way of sudo, also of the user who ran sudo.
 *
 * @throws SWB_NOT_RUNNING if there is none, several, one of another version, or one that does not answer correctly;
 *   SWB_RUNTIME_FOLDER
 */
export async function runningState(version: string, options: AskOptions = {}): Promise<RunningState> {
  const states = await runningStates(version, options);
  const [state, second] = states;
  if (state !== undefined && second === undefined) return state;
  throw new SwitchboardError(
    'SWB_NOT_RUNNING',
    `several run: ${instancesText(states)}; end all but one, or name manifests with -f`,
  );
}

/**
 * Returns the states of all running `up` of this user, by name.
 *
 * @throws SWB_NOT_RUNNING if there is none, or none that answers correctly; SWB_RUNTIME_FOLDER
 */
export async function runningStates(version: string, options: AskOptions = {}): Promise<readonly RunningState[]> {
  const answers = await Promise.all(stateSockets().map(socket => stateAt(socket, version, options)));
  const states = answers.flatMap(answer => (answer.kind === 'state' ? [answer.state] : []));
  if (states.length > 0) return states.sort((a, b) => (a.name < b.name ? -1 : 1));
  throw new SwitchboardError(
    'SWB_NOT_RUNNING',
    `${whyNone(answers, version)}: start "switchboard up", or name manifests with -f`,
  );
}

/** `shop (pid 12, k8s/), web (pid 13, -)` */
export function instancesText(states: readonly RunningState[]): string {
  return states.map(({ name, pid, inputs }) => escapeControls(`${name} (pid ${pid}, ${inputs.join(' ')})`)).join(', ');
}

function whyNone(answers: readonly (ParsedState | Failure)[], version: string): string {
  if (answers.some(answer => answer.kind === 'otherVersion')) {
    return `the "switchboard up" that runs is not of version ${version}`;
  }
  const unreadable = answers.find(answer => answer.kind === 'unreadable');
  return unreadable?.why ?? 'no "switchboard up" of yours runs';
}

async function stateAt(socket: StateSocket, version: string, options: AskOptions): Promise<ParsedState | Failure> {
  const answer = await ask(socket, 'state', options);
  const parsed = answer.kind === 'text' ? parseState(answer.text, version) : answer;
  const who = `${socket.path} does not answer as "switchboard up" does`;
  if (parsed.kind === 'unreadable') return { kind: 'unreadable', why: `${who}: ${parsed.why}` };
  // Root acts on this pid, and only the owner of the socket could choose it.
  if (parsed.kind === 'state' && parsed.state.pid !== socket.pid) {
    return { kind: 'unreadable', why: `${who}: it claims to be process ${parsed.state.pid}` };
  }
  return parsed;
}

/**
 * Asks a running `up`, of which `runningState` has returned the state.
 *
 * @returns the answer, not checked yet; null if it does not offer the request, undefined if it does not answer
 */
export async function askRunning(
  pid: number,
  request: 'probe' | 'job' | 'restart',
  argument: unknown,
): Promise<unknown> {
  const socket = stateSockets().find(candidate => candidate.pid === pid);
  if (socket === undefined) return undefined;
  const answer = await ask(socket, `${request} ${JSON.stringify(argument)}`, {});
  return answer.kind === 'text' ? parseJson(answer.text) : undefined;
}

/**
 * Reads the JSON lines that a running `up` sends, until it ends or the caller stops.
 *
 * @throws SWB_NOT_RUNNING if it has just ended
 */
export async function* streamFrom(pid: number, request: StreamName, argument: unknown): AsyncGenerator<unknown> {
  const ended = `the instance with pid ${pid} has just ended`;
  const found = stateSockets().find(candidate => candidate.pid === pid);
  if (found === undefined) throw new SwitchboardError('SWB_NOT_RUNNING', ended);
  const socket = connect(found.path);
  socket.write(`${request} ${JSON.stringify(argument)}\n`);
  try {
    for await (const line of createInterface({ input: socket })) yield parseJson(line);
  } catch (cause) {
    throw new SwitchboardError('SWB_NOT_RUNNING', ended, { cause });
  } finally {
    socket.destroy();
  }
}

function ask({ path, own }: StateSocket, request: string, options: AskOptions): Promise<Answer> {
  const { silenceMs = DEFAULT_SILENCE_MS, totalMs = DEFAULT_TOTAL_MS, maxBytes = DEFAULT_MAX_BYTES } = options;
  return new Promise(resolve => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const socket = connect(path);
    // Instances of other versions may not read; their answer says so.
    socket.write(`${request}\n`);
    const tooLate = setTimeout(
      () => give({ kind: 'unreadable', why: `it did not finish within ${totalMs} ms` }),
      totalMs,
    );
    const give = (answer: Answer): void => {
      clearTimeout(tooLate);
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(silenceMs, () => give({ kind: 'unreadable', why: `it sent nothing for ${silenceMs} ms` }));
    socket.on('data', part => {
      parts.push(part);
      bytes += part.length;
      if (bytes > maxBytes) give({ kind: 'unreadable', why: `it sent more than ${maxBytes} bytes` });
    });
    socket.on('end', () => give({ kind: 'text', text: Buffer.concat(parts).toString('utf8') }));
    socket.on('error', error => {
      // A crash leaves its socket behind.
      if (own && systemCodeOf(error) === 'ECONNREFUSED') rmSync(path, { force: true });
      give({ kind: 'gone' });
    });
  });
}
