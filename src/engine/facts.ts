import { SwitchboardError } from '../errors.ts';
import { numberOf, recordOf, textOf, textsOf } from './api/fields.ts';

/** What is known of an engine once it has answered. */
export interface EngineFacts {
  readonly name: 'docker' | 'podman';
  readonly version: string;
  /** The version of the Docker Engine API that requests use. */
  readonly apiVersion: string;
  readonly rootless: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** As in image references: `amd64`, `arm64`. */
  readonly architecture: string;
  /** What the engine itself warns of, such as limits that it cannot enforce. */
  readonly warnings: readonly string[];
}

/** Docker 20.10 and Podman 4.3 speak it. */
export const MIN_API_VERSION = '1.41';
/** The newest version whose answers have been compared with what this client reads. */
export const MAX_API_VERSION = '1.52';

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i386: '386',
  i686: '386',
};

/**
 * The version to speak: the newest that both know.
 *
 * @throws SWB_ENGINE if there is none
 */
export function negotiate(newest: string, oldest: string): string {
  if (compareVersions(newest, MIN_API_VERSION) < 0) {
    throw new SwitchboardError(
      'SWB_ENGINE',
      `the container engine is too old: it speaks API ${newest}, Switchboard needs ${MIN_API_VERSION} or later (Docker 20.10, Podman 4.3)`,
    );
  }
  if (oldest !== '' && compareVersions(oldest, MAX_API_VERSION) > 0) {
    throw new SwitchboardError(
      'SWB_ENGINE',
      `the container engine is too new: it needs API ${oldest} or later, Switchboard speaks up to ${MAX_API_VERSION}; upgrade Switchboard`,
    );
  }
  return compareVersions(newest, MAX_API_VERSION) < 0 ? newest : MAX_API_VERSION;
}

/** Compares `1.41` with `1.9` by their numbers. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map(text => text.split('.').map(Number));
  const length = Math.max(left?.length ?? 0, right?.length ?? 0);
  for (let index = 0; index < length; index += 1) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Reads the answer of `GET /info`. */
export function factsFrom(info: unknown, name: EngineFacts['name'], apiVersion: string): EngineFacts {
  const fields = recordOf(info);
  const system = textOf(fields.OSType);
  if (system !== 'linux' && system !== '') {
    throw new SwitchboardError(
      'SWB_ENGINE',
      `the container engine runs ${system} containers; switch it to Linux containers`,
    );
  }
  const architecture = textOf(fields.Architecture);
  return {
    name,
    version: textOf(fields.ServerVersion),
    apiVersion,
    // Podman before 5.0 reports it in a field of its own.
    rootless: fields.Rootless === true || textsOf(fields.SecurityOptions).some(option => option.includes('rootless')),
    cpus: numberOf(fields.NCPU),
    memoryBytes: numberOf(fields.MemTotal),
    architecture: ARCHITECTURES[architecture] ?? architecture,
    warnings: textsOf(fields.Warnings).map(text => text.replace(/^WARNING: /, '')),
  };
}
