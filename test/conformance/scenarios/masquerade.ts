/** Which source address an endpoint sees (rules 5.x). */
import {
  balanced,
  type Draft,
  dial,
  hairpin,
  INTERNAL,
  kept,
  LOCAL,
  masked,
  PRIMARY,
  SECONDARY,
  SIX,
  scenario,
  service,
  slice,
  UDP,
} from './words.ts';

const NO_INTERFACES = 'the engine works on addresses and does not know interfaces';

export const MASQUERADE: readonly Draft[] = [
  scenario('5.2-outside', 'outside sources on a cluster IP are masqueraded, pods are not', at => ({
    set: [service(at.clusterIP), slice(['a1', 'b1'])],
    dials: [
      dial('client', at.clusterIP, 80, masked('a1', 'b1')),
      dial('node1', at.clusterIP, 80, masked('a1', 'b1'), { source: SECONDARY }),
      dial('node2', at.clusterIP, 80, masked('a1', 'b1')),
      dial('a3', at.clusterIP, 80, kept('a1', 'b1')),
    ],
  })),
  scenario('5.2-other-nodes-pod', 'a pod of another node counts as a pod of the cluster', at => ({
    // Endpoints of this node only: replies of others would take a path that does not pass through it.
    set: [service(at.clusterIP), slice(['a1', 'a2'])],
    dials: [dial('b2', at.clusterIP, 80, kept('a1', 'a2'))],
  })),
  scenario('5.5-hairpin', 'an endpoint that dials its own Service is masqueraded only to itself', at => ({
    set: [service(at.clusterIP), slice(['a1', 'a2', 'b1'])],
    dials: [dial('a1', at.clusterIP, 80, hairpin('a1', 'a2', 'b1'))],
  })),
  scenario('5.5-hairpin-alone', 'an endpoint that can only reach itself is masqueraded', at => ({
    set: [service(at.clusterIP), slice(['a1'])],
    dials: [dial('a1', at.clusterIP, 80, masked('a1'))],
  })),
  scenario('5.5-hairpin-udp', 'an endpoint that dials itself over UDP is masqueraded', at => ({
    set: [
      service(at.clusterIP, { ports: [{ port: 53, protocol: 'UDP' }] }),
      slice(['a1', 'b1'], { ports: [{ name: '', port: 5353, protocol: 'UDP' }] }),
    ],
    dials: [dial('a1', at.clusterIP, 53, hairpin('a1:5353', 'b1:5353'), UDP)],
  })),
  scenario(
    '5.5-hairpin-internal-local',
    'an endpoint that dials itself with internalTrafficPolicy Local is masqueraded',
    at => ({
      set: [service(at.clusterIP, INTERNAL), slice(['a1', 'b1'])],
      dials: [dial('a1', at.clusterIP, 80, masked('a1'))],
    }),
  ),
  scenario('5.5-hairpin-external', 'an endpoint that dials itself through a node port is masqueraded', at => ({
    set: [balanced(at), slice(['a1', 'b1'])],
    dials: [dial('a1', PRIMARY, at.nodePort, masked('a1', 'b1')), dial('a1', at.lb, 80, masked('a1', 'b1'))],
  })),
  scenario('5.3-external-cluster', 'external frontends of policy Cluster are always masqueraded', at => ({
    set: [balanced(at), slice(['a1', 'b1'])],
    dials: [
      dial('client', at.external, 80, masked('a1', 'b1')),
      dial('a3', at.external, 80, masked('a1', 'b1')),
      dial('node1', at.lb, 80, masked('a1', 'b1'), { source: SECONDARY }),
      dial('b2', at.lb, 80, masked('a1', 'b1')),
    ],
  })),
  scenario('5.4-external-local', 'external frontends of policy Local preserve outside sources', at => ({
    set: [balanced(at, LOCAL), slice(['a1'])],
    dials: [
      dial('client', at.external, 80, kept('a1')),
      dial('node2', at.lb, 80, kept('a1')),
      dial('a3', at.lb, 80, kept('a1')),
      dial('node1', at.lb, 80, masked('a1'), { source: SECONDARY }),
    ],
  })),
  scenario(
    '5.1-masquerade-all',
    'masquerade-all masquerades pods on cluster IPs, too',
    at => ({
      set: [service(at.clusterIP), slice(['a1', 'b1'])],
      dials: [dial('a3', at.clusterIP, 80, masked('a1', 'b1')), dial('client', at.clusterIP, 80, masked('a1', 'b1'))],
    }),
    { profile: 'masqueradeAll' },
  ),
  scenario(
    '5.1-masquerade-all-external',
    'masquerade-all leaves external frontends of policy Local as they are',
    at => ({
      set: [balanced(at, LOCAL), slice(['a1'])],
      dials: [
        dial('client', at.lb, 80, kept('a1')),
        dial('client', PRIMARY, at.nodePort, kept('a1')),
        dial('a3', at.clusterIP, 80, masked('a1')),
      ],
    }),
    { profile: 'masqueradeAll' },
  ),
  scenario(
    '5.1-masquerade-all-ipv6',
    'masquerade-all applies to IPv6',
    at => ({
      set: [service(at.clusterIP6, SIX), slice(['a1', 'b1'], { family: 'IPv6' })],
      dials: [dial('a3', at.clusterIP6, 80, masked('a1', 'b1'))],
    }),
    { profile: 'masqueradeAll' },
  ),
  scenario(
    '5.2-no-detector',
    'without a detector nothing is masqueraded on cluster IPs, except hairpins',
    at => ({
      set: [service(at.clusterIP), slice(['a1', 'a2'])],
      dials: [
        dial('client', at.clusterIP, 80, kept('a1', 'a2')),
        dial('a3', at.clusterIP, 80, kept('a1', 'a2')),
        dial('node1', at.clusterIP, 80, kept('a1', 'a2'), { source: SECONDARY }),
        dial('a1', at.clusterIP, 80, hairpin('a1', 'a2')),
      ],
    }),
    { profile: 'noDetector' },
  ),
  scenario(
    '5.2-no-detector-external',
    'without a detector policy Cluster is still masqueraded',
    at => ({
      set: [balanced(at), slice(['a1', 'b1'])],
      dials: [dial('client', at.lb, 80, masked('a1', 'b1')), dial('a3', PRIMARY, at.nodePort, masked('a1', 'b1'))],
    }),
    { profile: 'noDetector' },
  ),
  scenario(
    '5.2-no-detector-local',
    'without a detector, only the node reaches all endpoints past policy Local',
    at => ({
      set: [balanced(at, LOCAL), slice(['a1', 'b1'])],
      dials: [
        dial('client', at.lb, 80, kept('a1')),
        dial('a3', at.lb, 80, kept('a1')),
        dial('node1', at.lb, 80, masked('a1', 'b1')),
      ],
    }),
    { profile: 'noDetector' },
  ),
  scenario(
    '5.2-node-cidr',
    'with NodeCIDR, pods of other nodes count as outside',
    at => ({
      set: [balanced(at, LOCAL), slice(['a1', 'b1'])],
      dials: [
        dial('a3', at.clusterIP, 80, kept('a1', 'b1')),
        dial('b2', at.clusterIP, 80, masked('a1', 'b1')),
        dial('a3', at.lb, 80, kept('a1', 'b1')),
        dial('b2', at.lb, 80, kept('a1')),
      ],
    }),
    { profile: 'nodeCIDR' },
  ),
  scenario(
    '5.2-interface-prefix',
    'with interface prefixes, only local pods count as pods',
    at => ({
      set: [balanced(at, LOCAL), slice(['a1', 'b1'])],
      dials: [
        dial('a3', at.clusterIP, 80, kept('a1', 'b1')),
        dial('b2', at.clusterIP, 80, masked('a1', 'b1')),
        dial('client', at.clusterIP, 80, masked('a1', 'b1')),
        dial('node1', at.clusterIP, 80, masked('a1', 'b1'), { source: SECONDARY }),
        dial('a3', at.lb, 80, kept('a1', 'b1')),
        dial('b2', at.lb, 80, kept('a1')),
        dial('node1', at.lb, 80, masked('a1', 'b1')),
      ],
    }),
    { profile: 'interfacePrefix', except: { engine: NO_INTERFACES } },
  ),
  scenario(
    '5.2-interface-prefix-ipv6',
    'with interface prefixes, only local pods count as pods over IPv6',
    at => ({
      set: [service(at.clusterIP6, SIX), slice(['a1', 'b1'], { family: 'IPv6' })],
      dials: [dial('a3', at.clusterIP6, 80, kept('a1', 'b1')), dial('b2', at.clusterIP6, 80, masked('a1', 'b1'))],
    }),
    { profile: 'interfacePrefix', except: { engine: NO_INTERFACES } },
  ),
  scenario('5.7-ipv6', 'IPv6 sources are treated like IPv4 sources', at => ({
    set: [
      service(
        at.clusterIP6,
        { ...SIX, type: 'LoadBalancer', ports: [{ port: 80, nodePort: at.nodePort }] },
        { ingress: [at.lb6] },
      ),
      slice(['a1', 'a2'], { family: 'IPv6' }),
    ],
    dials: [
      dial('client', at.clusterIP6, 80, masked('a1', 'a2')),
      dial('a3', at.clusterIP6, 80, kept('a1', 'a2')),
      dial('a1', at.clusterIP6, 80, hairpin('a1', 'a2')),
      dial('a3', at.lb6, 80, masked('a1', 'a2')),
    ],
  })),
];
