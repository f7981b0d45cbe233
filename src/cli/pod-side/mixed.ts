import type { Pod } from '../../kube/index.ts';
import { MixedNetwork, type RunMode } from '../../pods/index.ts';
import type { EngineSide } from './engine.ts';
import type { PodSide } from './side.ts';

/** Pods as processes and pods as containers, which reach each other and everything else by the same names. */
export function mixedSide(mode: RunMode, processes: PodSide, containers: EngineSide): PodSide {
  const network = new MixedNetwork(mode, { processes: processes.network, containers: containers.network });
  return {
    ...processes,
    network,
    planes: [...processes.planes, containers.plane],
    planeOf: (pod: Pod) => (network.runtimeOf(pod) === 'engine' ? containers.plane : processes.planeOf(pod)),
    // Processes in namespaces have relays of their own to everything outside.
    front: plane => (processes.planes.length > 0 ? processes.front(plane) : containers.front(processes.front(plane))),
    serveNames: async (up, domain, forward) => {
      await processes.serveNames(up, domain, forward);
      await containers.serveNames(up, domain, forward);
    },
    close: async () => {
      await containers.close();
      await processes.close();
    },
  };
}
