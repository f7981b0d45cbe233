/**
 * What runs in a container: a process of this machine, or a container of an engine. Restarts, probes, hooks and roll-outs
 * are the same for both and know only this.
 *
 * @module
 */
import type { Container, SecretValue } from '../kube/index.ts';

/** A file or folder that covers another one for a program. */
export interface Mount {
  /** A path of this machine, or a path within `volume`, which is empty for all of it. */
  readonly from: string;
  /** A volume of the container engine. */
  readonly volume?: string;
  readonly to: string;
  readonly readOnly: boolean;
  /** Whether empty files and folders may be made in `from` for mounts below it. */
  readonly extensible: boolean;
}

/** What a container runs with; computed at each start. */
export interface ContainerConfig {
  /** Expanded. Empty: that of the image. */
  readonly command: readonly string[];
  /** Expanded. */
  readonly args: readonly string[];
  /** What the manifest and the command line declare. A runtime puts what an image or the machine gives below these. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string | undefined;
  readonly mounts: readonly Mount[];
  /** Secrets with credentials of registries: Docker configurations as JSON. */
  readonly pullSecrets: readonly SecretValue[];
  /** Where the container writes its termination message, outside of the container. */
  readonly terminationFile?: string;
}

export interface ProgramEnd {
  readonly code: number | undefined;
  /** For people: `exited with code 1`, `was ended by SIGKILL`, `could not be started: ...`. */
  readonly how: string;
}

export interface RunningProgram {
  /** Resolves when it has ended. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  readonly running: boolean;
  /** Sends the stop signal, and SIGKILL if the program has not ended `graceMs` later. A second call can shorten that. */
  stop(graceMs: number): void;
  /**
   * Runs a command beside the program, until it ends or is aborted.
   *
   * @param late the reason if it was aborted
   * @returns undefined for exit code 0, else the reason
   */
  exec(command: readonly string[], signal: AbortSignal, late: string): Promise<string | undefined>;
  /**
   * Runs a command beside the program and passes its output on, until it ends or is aborted.
   *
   * @returns its exit code. @throws SWB_POD_EXEC if it cannot be started
   */
  attach(command: readonly string[], events: CommandEvents): Promise<number>;
  /** Frees what it used. Call when it has ended. */
  close(): Promise<void>;
}

export interface CommandEvents {
  readonly onOutput: (stream: 'stdout' | 'stderr', data: Buffer) => void;
  readonly signal: AbortSignal;
}

export interface ProgramEvents {
  readonly onLine: (line: string) => void;
  /** What the start waits for, such as a pull, for people. */
  readonly onProgress: (why: string) => void;
  /** Ends a start that is under way. */
  readonly signal: AbortSignal;
}

/**
 * Starts the program of a container.
 *
 * @throws SWB_POD_CONFIG or SWB_IMAGE: the container waits, and is started again later
 */
export type StartProgram = (
  container: Container,
  config: ContainerConfig,
  events: ProgramEvents,
) => Promise<RunningProgram>;
