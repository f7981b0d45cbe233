import { describe } from 'vitest';
import { titled } from '../../testing/requirements.ts';

/**
 * Groups of the same tests for pods in namespaces of their own and in the shared network.
 *
 * @param missing why this machine has no namespaces for pods: their tests skip
 */
export function describeNetworks(title: string, missing: string | undefined, tests: (network: string) => void): void {
  for (const [network, why] of [
    ['namespaces', missing],
    ['shared', undefined],
  ] as const) {
    describe.skipIf(why !== undefined)(titled(`${title} ${network}`, why), () => tests(network));
  }
}
