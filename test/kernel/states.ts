/**
 * A long history of a cluster as a function of the step number. From each state to the next, several Services change at
 * once, in both families: number of endpoints, affinity, node ports and source ranges. So a table between two states
 * equals neither.
 *
 * @module
 */
import type { ObjectEvent } from '../../src/kube/index.ts';
import { SIX, service, slice, stickyFor } from './manifests.ts';

const SERVICES = 24;
/** The number of Services that change in one step. */
const CHANGING = 8;

/** All objects in a state. */
export function stateOf(number: number): ObjectEvent[] {
  return Array.from({ length: SERVICES }, (_, index) => objectsOf(index, versionAt(index, number))).flat();
}

/** The events that a source delivers on the way from the previous state. */
export function stepTo(number: number): ObjectEvent[] {
  return Array.from({ length: SERVICES }, (_, index) => {
    const version = versionAt(index, number);
    return version === versionAt(index, number - 1) ? [] : objectsOf(index, version);
  }).flat();
}

function versionAt(index: number, number: number): number {
  const phase = index % (SERVICES / CHANGING);
  return Math.floor((number + phase) / (SERVICES / CHANGING));
}

function objectsOf(index: number, version: number): ObjectEvent[] {
  const name = `s${index}`;
  const six = index % 4 === 3;
  const mixed = (index * 7 + version * 5) % 11;
  // The version is part of the addresses, so no two states are alike.
  const place = version % 100;
  const endpoints = Array.from({ length: 1 + mixed }, (_, i) =>
    six ? `fd00:${index + 1}::${(place + 1).toString(16)}:${i + 1}` : `10.${index + 1}.${place}.${i + 1}`,
  );
  const sticky = mixed % 3 === 0 ? stickyFor(30 + (mixed % 2)) : {};
  const spec = six
    ? { ...SIX, ...sticky }
    : {
        ...sticky,
        type: 'LoadBalancer',
        externalTrafficPolicy: mixed % 2 === 0 ? 'Local' : 'Cluster',
        ports: [{ port: 80, targetPort: 8080, nodePort: 30_100 + index }],
        loadBalancerSourceRanges: [`198.51.${2 * place}.0/24`],
      };
  return [
    service(name, six ? `fd00:96::${index + 1}` : `10.96.1.${index + 1}`, spec, six ? [] : [`203.0.113.${index + 1}`]),
    slice(name, endpoints),
  ];
}
