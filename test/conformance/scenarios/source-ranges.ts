/** Which clients may dial a load balancer’s IP (rules 3.9, 6.x). */
import {
  balanced,
  type Draft,
  dial,
  kept,
  LOCAL,
  masked,
  OWN_VIP,
  PRIMARY,
  SIX,
  scenario,
  service,
  slice,
  UDP,
} from './words.ts';

const _INTERNAL = { internalTrafficPolicy: 'Local' };

export const SOURCE_RANGES: readonly Draft[] = [
  scenario('6.2-source-ranges', 'source ranges allow the clients inside them on the load balancer’s IP', at => ({
    set: [balanced(at, { loadBalancerSourceRanges: ['198.51.100.0/24'] }), slice(['a1', 'b1'])],
    dials: [
      dial('client', at.lb, 80, masked('a1', 'b1')),
      dial('client2', at.lb, 80, 'drop'),
      dial('a3', at.lb, 80, 'drop'),
      dial('node1', at.lb, 80, 'drop'),
    ],
  })),
  scenario('6.1-ranges-bind-nothing-else', 'source ranges do not apply to other frontends', at => ({
    set: [balanced(at, { loadBalancerSourceRanges: ['198.51.100.0/24'] }), slice(['a1', 'b1'])],
    dials: [
      dial('client2', at.external, 80, masked('a1', 'b1')),
      dial('client2', PRIMARY, at.nodePort, masked('a1', 'b1')),
      dial('client2', at.clusterIP, 80, masked('a1', 'b1')),
      dial('a3', at.clusterIP, 80, kept('a1', 'b1')),
    ],
  })),
  scenario('6.2-several-ranges', 'several source ranges, with spaces around them, are all allowed', at => ({
    set: [balanced(at, { loadBalancerSourceRanges: [' 198.51.101.0/24 ', '10.180.0.13/32'] }), slice(['a1'])],
    dials: [
      dial('client', at.lb, 80, 'drop'),
      dial('client2', at.lb, 80, masked('a1')),
      dial('a3', at.lb, 80, masked('a1')),
      dial('a2', at.lb, 80, 'drop'),
    ],
  })),
  scenario('6.2-ranges-and-local', 'source ranges apply together with policy Local', at => ({
    set: [balanced(at, { ...LOCAL, loadBalancerSourceRanges: ['198.51.100.0/24'] }), slice(['a1', 'b1'])],
    dials: [
      dial('client', at.lb, 80, kept('a1')),
      dial('client2', at.lb, 80, 'drop'),
      dial('a3', at.lb, 80, 'drop'),
      dial('client2', PRIMARY, at.nodePort, kept('a1')),
    ],
  })),
  scenario(
    '6.2-ranges-before-refusal',
    'a source outside the ranges is dropped even if there are no endpoints',
    at => ({
      set: [balanced(at, { loadBalancerSourceRanges: ['198.51.100.0/24'] })],
      dials: [dial('client', at.lb, 80, 'reject'), dial('client2', at.lb, 80, 'drop')],
    }),
  ),
  scenario('6.2-ranges-udp', 'source ranges apply to UDP', at => ({
    set: [
      balanced(at, {
        loadBalancerSourceRanges: ['198.51.100.0/24'],
        ports: [{ port: 53, protocol: 'UDP', nodePort: at.nodePort }],
      }),
      slice(['a1'], { ports: [{ name: '', port: 5353, protocol: 'UDP' }] }),
    ],
    dials: [dial('client', at.lb, 53, masked('a1:5353'), UDP), dial('client2', at.lb, 53, 'drop', UDP)],
  })),
  scenario('6.2-ranges-ipv6', 'IPv6 source ranges', at => ({
    set: [
      service(
        at.clusterIP6,
        {
          ...SIX,
          type: 'LoadBalancer',
          ports: [{ port: 80, nodePort: at.nodePort }],
          loadBalancerSourceRanges: ['fd00:c1::/64'],
        },
        { ingress: [at.lb6] },
      ),
      slice(['a1'], { family: 'IPv6' }),
    ],
    dials: [dial('client', at.lb6, 80, masked('a1')), dial('client2', at.lb6, 80, 'drop')],
  })),
  scenario('3.9-everybody', 'the range 0.0.0.0/0 allows all clients', at => ({
    set: [balanced(at, { loadBalancerSourceRanges: ['0.0.0.0/0', '198.51.100.0/24'] }), slice(['a1'])],
    dials: [dial('client2', at.lb, 80, masked('a1')), dial('a3', at.lb, 80, masked('a1'))],
  })),
  scenario('3.9-other-family', 'ranges of only the other family leave this one open', at => ({
    set: [balanced(at, { loadBalancerSourceRanges: ['fd00:c1::/64'] }), slice(['a1'])],
    dials: [dial('client2', at.lb, 80, masked('a1'))],
  })),
  scenario('6.3-own-vip', 'a node with the load balancer’s IP may dial from it if a range contains the node', at => ({
    set: [
      balanced(
        at,
        {
          loadBalancerSourceRanges: ['192.0.2.0/24'],
          ports: [{ port: 1080, targetPort: 8080, nodePort: at.nodePort }],
        },
        { ingress: [OWN_VIP] },
      ),
      slice(['a1']),
    ],
    dials: [
      dial('node1', OWN_VIP, 1080, masked('a1'), { source: OWN_VIP }),
      dial('node1', OWN_VIP, 1080, masked('a1')),
      dial('client', OWN_VIP, 1080, 'drop'),
    ],
  })),
  scenario(
    '6.3-own-vip-shut-out',
    'a node with the load balancer’s IP may not dial from it if no range contains the node',
    at => ({
      set: [
        balanced(
          at,
          {
            loadBalancerSourceRanges: ['198.51.100.0/24'],
            ports: [{ port: 1081, targetPort: 8080, nodePort: at.nodePort }],
          },
          { ingress: [OWN_VIP] },
        ),
        slice(['a1']),
      ],
      dials: [dial('node1', OWN_VIP, 1081, 'drop', { source: OWN_VIP }), dial('client', OWN_VIP, 1081, masked('a1'))],
    }),
  ),
];
