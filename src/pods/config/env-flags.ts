import { SwitchboardError } from '../../errors.ts';
import type { Pod } from '../../kube/index.ts';
import { namesOf } from './pod-names.ts';

/** `--env web:NAME=VALUE`, or a file of such variables. */
export interface EnvOverride {
  /** As the user wrote it, for messages. */
  readonly flag: string;
  /** A workload or pod, `NAME` or `NAMESPACE/NAME`; undefined: all pods. */
  readonly target?: string;
  readonly values: Readonly<Record<string, string>>;
}

const TARGET = /^((?:[a-z0-9][-a-z0-9]*\/)?[a-z0-9][-a-z0-9.]*):(.+)$/s;

/**
 * Parses `[WORKLOAD:]NAME=VALUE`. A name alone takes the value from this shell, as with `docker run --env NAME`.
 *
 * @throws SWB_USAGE; the message has no value
 */
export function parseEnvFlag(text: string, shell: NodeJS.ProcessEnv): EnvOverride {
  const { target, rest } = splitTarget(text, /[:=]/);
  const [name = '', ...value] = rest.split('=');
  const flag = `--env ${target === undefined ? '' : `${target}:`}${name}`;
  if (name === '' || /[^\x21-\x7e]/.test(name)) {
    throw usage(`${flag}: write it as NAME=VALUE, or WORKLOAD:NAME=VALUE for the pods of one workload`);
  }
  const found = value.length > 0 ? value.join('=') : shell[name];
  if (found === undefined) throw usage(`${flag}: this shell has no variable ${name}; write ${name}=VALUE`);
  return { flag, ...(target === undefined ? {} : { target }), values: { [name]: found } };
}

/** Parses `[WORKLOAD:]FILE`. @returns the target and the file */
export function parseEnvFileFlag(text: string): { readonly target?: string; readonly file: string } {
  const { target, rest } = splitTarget(text, /:/);
  return { ...(target === undefined ? {} : { target }), file: rest };
}

function splitTarget(text: string, before: RegExp): { readonly target: string | undefined; readonly rest: string } {
  const match = TARGET.exec(text);
  // A colon in the value is not one after a workload.
  if (match?.[1] === undefined || match[2] === undefined || before.test(match[1])) {
    return { target: undefined, rest: text };
  }
  return { target: match[1], rest: match[2] };
}

/**
 * The variables of a file: a line for each, `NAME=VALUE`, or `NAME` for the value in this shell. Quotes around a value are
 * removed, as Compose does; nothing is expanded.
 *
 * @throws SWB_USAGE; the message has the line's number and not its text
 */
export function parseEnvFile(file: string, text: string, shell: NodeJS.ProcessEnv): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim().replace(/^export\s+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const [name = '', ...rest] = line.split('=');
    if (!/^[\x21-\x7e]+$/.test(name)) throw usage(`--env-file ${file}, line ${index + 1}: write it as NAME=VALUE`);
    if (rest.length > 0) values[name] = unquoted(rest.join('='));
    else if (shell[name] !== undefined) values[name] = shell[name];
  }
  return values;
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value;
}

function usage(message: string): SwitchboardError {
  return new SwitchboardError('SWB_USAGE', message);
}

/** The variables that flags set, by pod. */
export class EnvOverrides {
  readonly #overrides: readonly EnvOverride[];
  readonly #used = new Set<EnvOverride>();

  constructor(overrides: readonly EnvOverride[] = []) {
    this.#overrides = overrides;
  }

  /** Later flags win. */
  of(pod: Pod): Record<string, string> {
    const targets = namesOf(pod);
    const chosen = this.#overrides.filter(({ target }) => target === undefined || targets.has(target));
    for (const override of chosen) this.#used.add(override);
    return Object.assign({}, ...chosen.map(({ values }) => values));
  }

  /** The flags that no pod has used so far. */
  unused(): string[] {
    return this.#overrides.filter(override => !this.#used.has(override)).map(({ flag }) => flag);
  }
}
