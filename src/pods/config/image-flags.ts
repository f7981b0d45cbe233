import { SwitchboardError } from '../../errors.ts';
import type { Container, Pod } from '../../kube/index.ts';
import { namesOf } from './pod-names.ts';

/** `--image web=mine:dev`, `--build web=./web`: what a workload's containers run in place of their image. */
export interface ImageOverride {
  /** As the user wrote it, for messages. */
  readonly flag: string;
  /** A workload or pod, `NAME` or `NAMESPACE/NAME`. */
  readonly target: string;
  /** undefined: the pod's only container. */
  readonly container?: string;
  readonly image: string;
}

const TARGET = /^((?:[a-z0-9][-a-z0-9]*\/)?[a-z0-9][-a-z0-9.]*)(?::([a-z0-9][-a-z0-9]*))?=(.+)$/s;

/** Parses `WORKLOAD[:CONTAINER]=VALUE`. @throws SWB_USAGE */
export function parseImageFlag(name: string, text: string): Omit<ImageOverride, 'image'> & { readonly value: string } {
  const [, target, container, value] = TARGET.exec(text) ?? [];
  const flag = `${name} ${text}`;
  if (target === undefined || value === undefined) {
    throw new SwitchboardError('SWB_USAGE', `${flag}: write it as WORKLOAD=VALUE, or WORKLOAD:CONTAINER=VALUE`);
  }
  return { flag, target, value, ...(container === undefined ? {} : { container }) };
}

/** The images that flags set, by pod. */
export class ImageOverrides {
  readonly #overrides: readonly ImageOverride[];
  readonly #used = new Set<ImageOverride>();

  constructor(overrides: readonly ImageOverride[] = []) {
    this.#overrides = overrides;
  }

  /** The pod with the images of the flags. */
  apply(pod: Pod): Pod {
    const names = namesOf(pod);
    const chosen = this.#overrides.filter(({ target }) => names.has(target));
    if (chosen.length === 0) return pod;
    const { containers, initContainers } = pod.spec;
    const replaced = (container: Container, isOnly: boolean): Container => {
      // Later flags win.
      const override = chosen.findLast(each => (each.container ?? (isOnly ? container.name : '')) === container.name);
      if (override === undefined) return container;
      this.#used.add(override);
      return { ...container, image: override.image, ...(container.run && { run: withoutPull(container.run) }) };
    };
    return {
      ...pod,
      spec: {
        ...pod.spec,
        containers: containers.map(container => replaced(container, containers.length === 1)),
        initContainers: initContainers.map(container => replaced(container, false)),
      },
    };
  }

  /** The flags that no container has used so far. */
  unused(): string[] {
    return this.#overrides.filter(override => !this.#used.has(override)).map(({ flag }) => flag);
  }
}

/** The default policy of another image may differ, and what was built here is in no registry. */
function withoutPull(run: NonNullable<Container['run']>): NonNullable<Container['run']> {
  return { ...run, imagePullPolicy: 'IfNotPresent' };
}
