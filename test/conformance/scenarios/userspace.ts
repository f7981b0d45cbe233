/**
 * What the userspace plane answers otherwise, by reason. It serves the addresses of Services that are the machine's
 * own, and what it has no socket for it cannot answer at all.
 *
 * @module
 */
import type { Exception } from './model.ts';

const REASONS: readonly (readonly [why: string, scenarios: readonly string[]])[] = [
  [
    'its node ports listen on one address that is given, and never on others of the node',
    [
      '3.6-node-port-ipv6',
      '3.7-node-port-everywhere',
      '3.7-node-port-everywhere-ipv6',
      '3.7-node-port-range',
      '3.7-node-port-other-family',
    ],
  ],
  [
    'what is sent to an address that no Service has never comes to it',
    [
      '4.8-unclaimed-address',
      '3.1-headless',
      '3.1-external-name',
      '3.1-other-proxy',
      '12.1-slices-first',
      '12.1-service-deleted',
      '12.3-replaced',
      '12.4-to-external-name',
      '12.4-proxy-name',
    ],
  ],
  [
    'it knows no pods from other sources, so they have no short cut past policy Local',
    [
      '4.4-external-local-ipv6',
      '4.2-external-local-terminating',
      '4.5-local-pod-short-cut',
      '4.7-external-local-none',
      '4.4-both-local',
      '4.5-hairpin-short-cut',
      '5.2-node-cidr',
      '5.2-interface-prefix',
    ],
  ],
  [
    'it learns who dials when the system has accepted the connection: one outside the ranges is reset, not left in silence',
    [
      '6.2-source-ranges',
      '6.2-several-ranges',
      '6.2-ranges-and-local',
      '6.2-ranges-before-refusal',
      '6.2-ranges-ipv6',
      '6.3-own-vip',
      '12.4-ranges-change',
    ],
  ],
  ['the machine itself passes its source ranges', ['6.3-own-vip-shut-out']],
];

export const USERSPACE: ReadonlyMap<string, Exception> = new Map(
  REASONS.flatMap(([why, scenarios]) => scenarios.map(id => [id, { why }] as const)),
);
