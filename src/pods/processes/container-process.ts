import { type ChildProcess, spawn } from 'node:child_process';
import { messageOf } from '../../errors.ts';
import { hasProgram } from '../../system/index.ts';
import type { ContainerView, PortClaims } from '../network.ts';
import type { ProgramEnd } from '../program.ts';
import { LineSplitter } from './log-lines.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import { signalNumber } from './stop-signal.ts';

export interface ProcessOptions {
  /** Command and arguments, expanded. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Such as `SIGUSR1`; undefined: SIGTERM. */
  readonly stopSignal: string | undefined;
  readonly view: Pick<ContainerView, 'launch'>;
  readonly claims: PortClaims | undefined;
  readonly guard: OrphanGuard;
  readonly onLine: (line: string) => void;
}

/** A container's command as a process group of its own, without a shell: arguments are passed unchanged. */
export class ContainerProcess {
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  readonly #group: number | undefined;
  readonly #stopSignal: number;
  #running = true;
  #kill: NodeJS.Timeout | undefined;

  constructor(options: ProcessOptions) {
    const { words, env, guard, onLine } = options;
    this.#stopSignal = signalNumber(options.stopSignal);
    const launch = options.view.launch(words, options.cwd);
    const [program = '', ...args] = launch.words;
    this.#child = spawn(program, args, {
      env: { ...env, ...guard.mark },
      cwd: launch.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    this.#group = this.#child.pid;
    if (this.#group !== undefined) {
      guard.add(this.#group);
      options.claims?.started(this.#group);
    }
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      const lines = new LineSplitter(onLine);
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => lines.push(text));
      stream?.on('end', () => lines.end());
      stream?.on('error', () => undefined);
    }
    this.ended = new Promise(resolve => {
      const end = (ended: ProgramEnd): void => {
        if (!this.#running) return;
        this.#running = false;
        clearTimeout(this.#kill);
        if (this.#group !== undefined) {
          // Processes that the command left in its group end with it, as in a container.
          this.#signal('SIGKILL');
          guard.remove(this.#group);
        }
        resolve(ended);
      };
      this.#child.on('error', error =>
        end({ code: undefined, how: `could not be started: ${startFault(error, words[0] ?? '')}` }),
      );
      this.#child.on('exit', (code, signal) => {
        // The shell that enters the pod reports a program that it cannot start by its exit code, as all shells do.
        const isMissing =
          code === NOT_FOUND && program !== words[0] && !hasProgram(words[0] ?? '', env.PATH, options.cwd);
        if (isMissing) end({ code, how: `could not be started: ${noProgram(words[0] ?? '')}` });
        else
          end({ code: code ?? undefined, how: code === null ? `was ended by ${signal}` : `exited with code ${code}` });
      });
    });
  }

  get running(): boolean {
    return this.#running;
  }

  /** Sends the stop signal, and SIGKILL if the process has not ended `graceMs` later. */
  stop(graceMs: number): void {
    if (!this.#running) return;
    clearTimeout(this.#kill);
    this.#signal(graceMs > 0 ? this.#stopSignal : 'SIGKILL');
    if (graceMs > 0) this.#kill = setTimeout(() => this.#signal('SIGKILL'), graceMs);
  }

  #signal(signal: NodeJS.Signals | number): void {
    if (this.#group === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? this.#group : -this.#group, signal);
    } catch {
      // The group has already ended.
    }
  }
}

/** POSIX, 2.8.2. */
const NOT_FOUND = 127;

function noProgram(program: string): string {
  return `no program "${program}" in PATH, or no such workingDir`;
}

function startFault(error: Error, program: string): string {
  if ('code' in error && error.code === 'ENOENT') return noProgram(program);
  if ('code' in error && error.code === 'EACCES') return `"${program}" is not executable`;
  return messageOf(error);
}
