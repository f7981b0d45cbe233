import { isRecord, parseJson } from '../data/index.ts';
import type { ToHost } from './messages.ts';

/** Tells the gateway that it is one, as JSON. */
export const MARK = 'SWITCHBOARD_GATEWAY';

/** How to run programs in the namespaces. */
export interface Entry {
  /** The words that turn the root of the namespaces back into the calling user; empty if that is root. */
  readonly become: readonly string[];
  /** Whether the kernel ends all processes when the first one ends, so that none can be left behind. */
  readonly endsAll: boolean;
}

/** What the gateway knows of the process that started it. */
export interface Entered {
  /** For the files of pods; the process outside removes it when it ends. */
  readonly folder: string;
  /** The pid by which the user and other programs know this instance. */
  readonly pid: number;
  readonly isolation: Entry;
}

/** Whether `runGateway` has started this process. Call before `enteredGateway`. */
export function isGatewayProcess(): boolean {
  return process.env[MARK] !== undefined;
}

/** How this process was started by `runGateway`; undefined: it was not. Call once, before anything is started from it. */
export function enteredGateway(): Entered | undefined {
  const mark = process.env[MARK];
  delete process.env[MARK];
  const entered = mark === undefined ? undefined : parseJson(mark);
  return isEntered(entered) ? entered : undefined;
}

function isEntered(value: unknown): value is Entered {
  if (!isRecord(value) || !isRecord(value.isolation)) return false;
  const { become, endsAll } = value.isolation;
  return (
    typeof value.folder === 'string' &&
    typeof value.pid === 'number' &&
    typeof endsAll === 'boolean' &&
    Array.isArray(become) &&
    become.every(word => typeof word === 'string')
  );
}

/** Tells the process outside why the gateway cannot work here, and ends this one. */
export function giveUp(why: string): Promise<never> {
  const message: ToHost = { kind: 'unsupported', why };
  return new Promise(() => {
    process.send?.(message, undefined, undefined, () => process.exit(1));
  });
}
