import {
  type ConfigMap,
  type KubeObject,
  keyOf,
  type ObjectEvent,
  type PersistentVolumeClaim,
  type Secret,
  type ServiceAccount,
} from '../../kube/index.ts';

/** The objects that the containers of pods use. */
export interface PodObjects {
  configMap(namespace: string, name: string): ConfigMap | undefined;
  secret(namespace: string, name: string): Secret | undefined;
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  serviceAccount(namespace: string, name: string): ServiceAccount | undefined;
}

type Kept = ConfigMap | Secret | ServiceAccount | PersistentVolumeClaim;

const KINDS: readonly Kept['kind'][] = ['ConfigMap', 'Secret', 'ServiceAccount', 'PersistentVolumeClaim'];

/** Keeps the objects that only pods need. They go nowhere else: not to routes, logs, or other processes. */
export class PodObjectCache implements PodObjects {
  readonly #objects = new Map<string, Kept>();

  /** @returns whether the event is about an object of these kinds */
  apply(event: ObjectEvent): boolean {
    if (event.type === 'set') {
      if (!isKept(event.object)) return false;
      this.#objects.set(`${event.object.kind} ${keyOf(event.object.meta)}`, event.object);
      return true;
    }
    this.#objects.delete(`${event.kind} ${keyOf(event)}`);
    return KINDS.some(kind => kind === event.kind);
  }

  configMap(namespace: string, name: string): ConfigMap | undefined {
    const object = this.#objects.get(`ConfigMap ${namespace}/${name}`);
    return object?.kind === 'ConfigMap' ? object : undefined;
  }

  secret(namespace: string, name: string): Secret | undefined {
    const object = this.#objects.get(`Secret ${namespace}/${name}`);
    return object?.kind === 'Secret' ? object : undefined;
  }

  claim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    const object = this.#objects.get(`PersistentVolumeClaim ${namespace}/${name}`);
    return object?.kind === 'PersistentVolumeClaim' ? object : undefined;
  }

  serviceAccount(namespace: string, name: string): ServiceAccount | undefined {
    const object = this.#objects.get(`ServiceAccount ${namespace}/${name}`);
    return object?.kind === 'ServiceAccount' ? object : undefined;
  }
}

function isKept(object: KubeObject): object is Kept {
  return KINDS.some(kind => kind === object.kind);
}

/** Whether routing and other readers may get an object while pods run here. */
export function isForPodsOnly(event: ObjectEvent): boolean {
  const kind = event.type === 'set' ? event.object.kind : event.kind;
  return kind === 'Job' || kind === 'CronJob' || KINDS.some(kept => kept === kind);
}
