import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { messageOf, SwitchboardError, systemCodeOf } from '../errors.ts';
import { untilStarted } from '../system/index.ts';
import type { Plan, Step } from './plan.ts';
import { replaceFile } from './write-file.ts';

/**
 * Carries out a plan. If a step fails, it restores the files and makes the programs reload them.
 *
 * @returns warnings: steps that failed and may fail
 * @param root `/`, or the folder of another system's tree, for which no program runs
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

/** @returns the undo of the step */
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

/** The reason why a file could not be changed, for the user; without `file`, the path is that of the system's error. */
export function reasonOf(error: unknown, file?: string): string {
  const path = file ?? (error instanceof Error && 'path' in error ? String(error.path) : 'a file');
  switch (systemCodeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return `cannot change ${path}: this needs root (sudo)`;
    case 'EROFS':
      return `cannot change ${path}: its file system is read-only. This system keeps such files in its own configuration; --print shows the text for it`;
    default:
      return messageOf(error);
  }
}

/** @throws with the program's error output if its exit code is not 0 */
async function runProgram([program = '', ...words]: readonly string[]): Promise<void> {
  const line = [program, ...words].join(' ');
  const child = await untilStarted(spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] })).catch(error => {
    throw new Error(`cannot run "${line}": ${messageOf(error)}`);
  });
  const ended = once(child, 'close');
  const said = await text(child.stderr);
  const [code] = await ended;
  if (code !== 0) throw new Error(`"${line}" exited with code ${code}: ${said.trim()}`);
}
