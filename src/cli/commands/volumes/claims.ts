import { mayHaveEngine } from '../../../engine/find/presence.ts';
import { SwitchboardError } from '../../../errors.ts';
import { CLAIM_LABEL, MANIFESTS_LABEL } from '../../../pod-containers/labels.ts';
import { ClaimStore, projectOf, type StoredClaim } from '../../../pods/index.ts';
import { message } from '../../terminal.ts';

/** A claim with data: in a folder of this machine, or in a volume of a container engine. */
export interface KnownClaim extends StoredClaim {
  /** @throws SWB_ENGINE while a container uses it */
  remove(): Promise<void>;
}

/** The claims of pods that ran as processes, and then those of pods that ran as containers. */
export async function knownClaims(): Promise<{ readonly claims: readonly KnownClaim[] } & AsyncDisposable> {
  const store = new ClaimStore();
  const folders = store.list().map(claim => ({ ...claim, remove: async () => store.remove(claim) }));
  const engine = await openEngine();
  const volumes = (await engine?.volumes.list({})) ?? [];
  const inEngine = volumes.flatMap(({ name: volume, labels }): KnownClaim[] => {
    const [namespace, name] = labels[CLAIM_LABEL]?.split('/') ?? [];
    if (engine === undefined || namespace === undefined || name === undefined) return [];
    const manifests = labels[MANIFESTS_LABEL] ?? '';
    const data = `volume ${volume} (${engine.facts.name})`;
    const remove = () => engine.volumes.remove(volume);
    return [{ project: projectOf(manifests), namespace, name, manifests, data, remove }];
  });
  return { claims: [...folders, ...inEngine], [Symbol.asyncDispose]: async () => engine?.close() };
}

async function openEngine() {
  if (!(await mayHaveEngine({ startPodman: true }))) return undefined;
  const { Engine } = await import('../../../engine/index.ts');
  try {
    return await Engine.open();
  } catch (error) {
    if (!SwitchboardError.is(error)) throw error;
    message(`note: without the volumes of container engines: ${error.message}`);
    return undefined;
  }
}
