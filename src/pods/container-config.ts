import { statfsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Container, Pod } from '../kube/index.ts';
import { declaredEnvironment, runtimeEnvironment, waiting } from './config/environment.ts';
import { expand } from './config/expand-variables.ts';
import type { FieldInputs } from './config/field-ref.ts';
import type { PodObjects } from './config/pod-objects.ts';
import { pullSecrets } from './config/pull-secrets.ts';
import type { NodeResources } from './config/resource-ref.ts';
import type { PodPlace } from './network.ts';
import type { ContainerConfig } from './program.ts';
import type { PodVolumes } from './volumes/pod-volumes.ts';

export interface ConfigInputs {
  readonly pod: Pod;
  readonly uid: string;
  readonly place: PodPlace;
  readonly objects: PodObjects;
  readonly serviceVariables: Readonly<Record<string, string>>;
  readonly extra: Readonly<Record<string, string>>;
  /** Absent where nothing can be mounted. */
  readonly volumes: PodVolumes | undefined;
}

/** This machine as a node: its name, and what it has for all pods. */
export function machineFacts(): { readonly nodeName: string; readonly node: NodeResources } {
  const { blocks, bsize } = statfsSync('/');
  const node = { cpus: availableParallelism(), memoryBytes: totalmem(), diskBytes: blocks * bsize };
  return { nodeName: hostname().toLowerCase(), node };
}

export function fieldInputs({ pod, uid, place }: Pick<ConfigInputs, 'pod' | 'uid' | 'place'>): FieldInputs & {
  readonly node: NodeResources;
} {
  return { pod, uid, place, ...machineFacts() };
}

/** What a container runs with at its next start. @throws SWB_POD_CONFIG: it waits for an object */
export async function containerConfig(container: Container, inputs: ConfigInputs): Promise<ContainerConfig> {
  const { objects, serviceVariables, extra, volumes, place } = inputs;
  const declared = declaredEnvironment(container, { ...fieldInputs(inputs), objects, serviceVariables, extra });
  const mounts = volumes?.mountsOf(container, declared) ?? [];
  const terminationFile = await makeTerminationFile(container, place);
  const config = {
    command: container.command.map(word => expand(word, declared)),
    args: container.args.map(word => expand(word, declared)),
    env: { ...runtimeEnvironment(inputs), ...declared },
    workingDir: container.workingDir,
    pullSecrets: pullSecrets(inputs.pod, objects),
  };
  // Node would show the word in its error, and a variable in it may be a Secret's.
  if ([...config.command, ...config.args].some(word => word.includes('\0'))) {
    throw waiting('command or args contain a NUL byte');
  }
  if (terminationFile === undefined) return { ...config, mounts };
  const to = container.run?.terminationMessagePath ?? '';
  return {
    ...config,
    terminationFile,
    mounts: [...mounts, { from: terminationFile, to, readOnly: false, extensible: false }],
  };
}

/** An empty file for each start. A volume that covers its path wins. */
async function makeTerminationFile({ name, run }: Container, { storage }: PodPlace): Promise<string | undefined> {
  if (storage === undefined || run === undefined) return undefined;
  const { terminationMessagePath: path } = run;
  if (!path.startsWith('/') || run.volumeMounts.some(({ mountPath }) => mountPath === path)) return undefined;
  const file = join(await storage.memory('termination-messages'), name);
  await writeFile(file, '', { mode: 0o666 });
  return file;
}
