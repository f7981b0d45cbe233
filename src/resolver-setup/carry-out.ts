import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, SwitchboardError, systemCodeOf } from '../errors.ts';
import type { Plan, Step } from './plan.ts';
import { replaceFile } from './write-file.ts';

/**
 * Does what a plan says. If a step fails the files are put back as they were, and the programs that were told of them
 * are told again.
 *
 * @returns what went wrong and does not matter much
 * @param root `/`, or the folder of another system's tree; nothing is run for that one
 * @throws SWB_SETUP_FAILED
 */
export async function carryOut(plan: Plan, root = '/'): Promise<readonly string[]> {
  const warnings: string[] = [];
  const undo: (() => Promise<void>)[] = [];
  for (const step of plan.steps) {
    try {
      const back = await carryOutStep(step, root);
      if (back !== undefined) undo.push(back);
    } catch (error) {
      if (step.kind === 'run' && step.mayFail === true) {
        warnings.push(messageOf(error));
        continue;
      }
      const left: string[] = [];
      for (const back of undo.reverse()) await back().catch(each => left.push(messageOf(each)));
      if (undo.length > 0 && step.kind === 'run' && root === '/') await runProgram(step.command).catch(() => undefined);
      const after = left.length === 0 ? 'nothing was changed' : `and it could not be undone: ${left.join('; ')}`;
      throw new SwitchboardError('SWB_SETUP_FAILED', `${reasonOf(error)}; ${after}`, { cause: error });
    }
  }
  return warnings;
}

/** @returns what undoes it */
async function carryOutStep(step: Step, root: string): Promise<(() => Promise<void>) | undefined> {
  switch (step.kind) {
    case 'write': {
      const path = join(root, step.path);
      const before = await readFile(path).catch(() => undefined);
      const made = await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, Buffer.from(step.text));
      return async () => {
        if (before !== undefined) return replaceFile(path, before);
        await rm(path);
        if (made !== undefined) await rm(made, { recursive: true });
      };
    }
    case 'remove': {
      const path = join(root, step.path);
      const before = await readFile(path).catch(() => undefined);
      await rm(path, { force: true });
      if (step.folderToo) await rmdir(dirname(path)).catch(() => undefined);
      if (before === undefined) return undefined;
      return async () => {
        await mkdir(dirname(path), { recursive: true });
        await replaceFile(path, before);
      };
    }
    case 'run':
      if (root === '/') await runProgram(step.command);
      return undefined;
  }
}

/** What went wrong with a file, for the user; which one the system's error says, if nothing else does. */
export function reasonOf(error: unknown, file?: string): string {
  const path = file ?? (error instanceof Error && 'path' in error ? String(error.path) : 'a file');
  switch (systemCodeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return `${path} cannot be changed: this takes the rights of root (sudo)`;
    case 'EROFS':
      return `${path} cannot be changed: its file system is read-only, so this system wants such files written in its own configuration (--print shows the text)`;
    default:
      return messageOf(error);
  }
}

/** @throws with what it said if it does not end with 0 */
function runProgram([program = '', ...words]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const line = [program, ...words].join(' ');
    child.on('error', error => reject(new Error(`"${line}" cannot be run: ${messageOf(error)}`)));
    child.on('close', code => {
      if (code === 0) resolve();
      else reject(new Error(`"${line}" ended with code ${code}: ${text.trim()}`));
    });
  });
}
