import { randomBytes } from 'node:crypto';
import { mayHaveEngine } from '../../../engine/find/presence.ts';
import type { Engine, OpenEngineOptions } from '../../../engine/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import type { KubeObject, Pod } from '../../../kube/index.ts';
import { needsEngine, podOfJobTemplate, type RunMode, runtimeOf, WorkloadPods } from '../../../pods/index.ts';
import { message } from '../../terminal.ts';
import type { UpFlags } from './flags.ts';

/** How pods run. */
export interface PodsPlan {
  /** undefined: no pods run. */
  readonly mode: RunMode | undefined;
  /** For pods that run as containers; the caller closes it. */
  readonly engine: Engine | undefined;
  /** Marks what this instance makes in the engine. */
  readonly session: string;
  /** Whether pods run as processes. */
  readonly processes: boolean;
}

const NO_PODS: PodsPlan = { mode: undefined, engine: undefined, session: '', processes: false };
const PROCESSES: PodsPlan = { ...NO_PODS, mode: 'process', processes: true };

/** Tells the process in namespaces what the one outside has found. */
const FOUND = 'SWITCHBOARD_ENGINE';

/**
 * Decides how pods run: what `--run` says; without it, images run if an engine answers and the manifests need one.
 *
 * @throws SWB_NO_ENGINE with `--run=engine`
 */
export async function planPods(flags: UpFlags): Promise<PodsPlan> {
  const found = process.env[FOUND];
  delete process.env[FOUND];
  if (flags.run === false || flags.dryRun) return NO_PODS;
  const mode = flags.run;
  if (mode === 'process') return PROCESSES;
  if (found !== undefined) {
    const [session = '', host = ''] = found.split(' ');
    return { mode: mode ?? 'auto', engine: await openEngine({ host }), session, processes: true };
  }
  const isAsked = mode !== undefined;
  if (mode !== 'engine' && !(await mayHaveEngine({ startPodman: isAsked }))) return isAsked ? PROCESSES : NO_PODS;
  // Standard input can be read only once, by the process that serves.
  const pods = flags.filename.includes('-') ? [] : await podsIn(flags);
  const needs = pods.some(needsEngine);
  if (mode !== 'engine' && !(isAsked ? pods.some(hasImages) : needs)) return isAsked ? PROCESSES : NO_PODS;
  const engine = await openWanted(mode, needs);
  if (engine === undefined) return isAsked ? PROCESSES : NO_PODS;
  const choice = { mode: mode ?? 'auto', engine: true };
  const session = randomBytes(4).toString('hex');
  return { mode: choice.mode, engine, session, processes: pods.some(pod => runtimeOf(pod, choice) === 'process') };
}

/** The environment by which the process in namespaces, which this process starts, finds the same engine. */
export function environmentOf({ engine, session }: PodsPlan): Readonly<Record<string, string>> {
  return engine === undefined ? {} : { [FOUND]: `${session} ${engine.endpoint}` };
}

async function openEngine(options: OpenEngineOptions): Promise<Engine> {
  // Loaded when needed: the client takes as long to load as the rest of the command.
  const { Engine: Client } = await import('../../../engine/index.ts');
  return Client.open({ ...options, warn: text => message(`warning: ${text}`) });
}

/** @param needs whether a pod cannot run without */
async function openWanted(mode: RunMode | undefined, needs: boolean): Promise<Engine | undefined> {
  try {
    return await openEngine({ startPodman: mode === 'engine' || (mode === 'auto' && needs) });
  } catch (error) {
    if (mode === 'engine' || !SwitchboardError.is(error)) throw error;
    if (mode !== undefined && needs) message(`note: images do not run: ${error.message}`);
    return undefined;
  }
}

function hasImages(pod: Pod): boolean {
  return runtimeOf(pod, { mode: 'engine', engine: true }) !== undefined;
}

/** The pods of the inputs; faults are for the reader that serves. */
async function podsIn(flags: UpFlags): Promise<readonly Pod[]> {
  const { ManifestSource } = await import('../../../sources/manifests/index.ts');
  const source = new ManifestSource(flags.filename, {
    recursive: flags.recursive,
    maxBytes: flags.maxInputMib * 1048576,
    primaryFamily: 'IPv4',
    defaultNamespace: flags.namespace ?? 'default',
    stdin: process.stdin,
    run: true,
  });
  try {
    const { events } = await source.load();
    const objects = new WorkloadPods().apply(events).flatMap(event => (event.type === 'set' ? [event.object] : []));
    return objects.flatMap(podsOfObject);
  } catch (error) {
    if (SwitchboardError.is(error)) return [];
    throw error;
  } finally {
    await source.close();
  }
}

function podsOfObject(object: KubeObject): readonly Pod[] {
  switch (object.kind) {
    case 'Pod':
      return [object];
    case 'Job':
      return [podOfJobTemplate(object)];
    case 'CronJob':
      return [podOfJobTemplate({ kind: 'Job', meta: object.meta, spec: object.jobTemplate.spec })];
    default:
      return [];
  }
}
