import { readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { SwitchboardError, systemCodeOf } from '../errors.ts';
import { callersFolders, runtimeFolder } from './runtime-folder.ts';
import { isStateOf, type RunningState } from './state.ts';

/**
 * The state of the one `up` of this user that runs now; as root by way of sudo, of the user who asked, too.
 *
 * @throws SWB_NOT_RUNNING if there is none, several, or one of another version
 */
export async function runningState(version: string): Promise<RunningState> {
  const own = socketsIn(runtimeFolder()).map(path => ask(path, { ours: true }));
  const callers = callersFolders().flatMap(socketsIn);
  const answers = (await Promise.all([...own, ...callers.map(path => ask(path, { ours: false }))])).filter(
    text => text !== undefined,
  );
  const states = answers.map((text): unknown => JSON.parse(text)).filter(data => isStateOf(version, data));
  const [state, second] = states;
  if (state !== undefined && second === undefined) return state;
  if (state === undefined) {
    const why =
      answers.length > 0
        ? `the "switchboard up" that runs is not of version ${version}`
        : 'no "switchboard up" of yours runs';
    throw new SwitchboardError('SWB_NOT_RUNNING', `${why}: start it, or name manifests with -f`);
  }
  const list = states.map(each => `pid ${each.pid} (${each.inputs.join(' ')})`).join(', ');
  throw new SwitchboardError('SWB_NOT_RUNNING', `several run: ${list}; end all but one, or name manifests with -f`);
}

function socketsIn(folder: string): string[] {
  const names = readdirSync(folder).filter(name => /^up-\d+\.sock$/.test(name));
  return names.map(name => join(folder, name));
}

/** undefined: nobody is there any more; what a crash left behind is removed, if it is ours. */
function ask(path: string, { ours }: { readonly ours: boolean }): Promise<string | undefined> {
  return new Promise(resolve => {
    const parts: Buffer[] = [];
    const socket = connect(path);
    socket.on('data', part => parts.push(Buffer.from(part)));
    socket.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    socket.on('error', error => {
      if (ours && systemCodeOf(error) === 'ECONNREFUSED') rmSync(path, { force: true });
      resolve(undefined);
    });
  });
}
