/**
 * Where the userspace plane differs, by reason. It serves those addresses of Services that belong to the machine, and
 * cannot answer at all where it has no socket.
 *
 * @module
 */
import type { Exception } from './model.ts';

const REASONS: readonly (readonly [why: string, scenarios: readonly string[]])[] = [
  [
    'its node ports listen on one configured address, and never on others of the node',
    [
      '3.6-node-port-ipv6',
      '3.7-node-port-everywhere',
      '3.7-node-port-everywhere-ipv6',
      '3.7-node-port-range',
      '3.7-node-port-other-family',
    ],
  ],
  [
    'packets to an address without a Service never reach it',
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
    'it does not distinguish pods from other sources, so they do not bypass policy Local',
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
    'it sees the client only after the system has accepted the connection: one outside the ranges is reset, not dropped',
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
  ['source ranges do not apply to the machine itself', ['6.3-own-vip-shut-out']],
];

export const USERSPACE: ReadonlyMap<string, Exception> = new Map(
  REASONS.flatMap(([why, scenarios]) => scenarios.map(id => [id, { why }] as const)),
);
