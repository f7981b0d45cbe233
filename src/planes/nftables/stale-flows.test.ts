import { describe, expect, it } from 'vitest';
import { endpointOf, routeOf } from '../../../testing/route-of.ts';
import type { ProxiedRoute } from '../../routing/index.ts';
import { Conntrack, type Flow, type FlowQuery } from '../../system/index.ts';
import type { PlacedFrontend } from './addresses.ts';
import { NOTHING_BEFORE, programOf, type RouteProgram } from './route-program.ts';
import { endStaleFlows } from './stale-flows.ts';

interface Tracked {
  readonly to: string;
  readonly by: string;
}

/** What the kernel tracks, as `address:port`. */
class FakeConntrack implements Pick<Conntrack, 'flows' | 'delete' | 'close'> {
  readonly queries: FlowQuery[] = [];
  readonly #flows: Flow[];

  constructor(tracked: readonly Tracked[]) {
    this.#flows = tracked.map(({ to, by }, i) => {
      const [address = '', port = ''] = to.split(':');
      const [answeredBy = '', answeredByPort = ''] = by.split(':');
      const handle = { family: 2, tuple: Buffer.from([i]), id: undefined };
      return { protocol: 17, address, port: Number(port), answeredBy, answeredByPort: Number(answeredByPort), handle };
    });
  }

  async flows({ address, port, ...query }: FlowQuery): Promise<Flow[]> {
    this.queries.push({
      ...query,
      ...(address === undefined ? {} : { address }),
      ...(port === undefined ? {} : { port }),
    });
    return this.#flows.filter(flow => (address ?? flow.address) === flow.address && (port ?? flow.port) === flow.port);
  }

  delete(handle: Flow['handle']): boolean {
    const at = this.#flows.findIndex(flow => flow.handle === handle);
    if (at >= 0) this.#flows.splice(at, 1);
    return at >= 0;
  }

  close(): void {}

  get left(): string[] {
    return this.#flows.map(flow => `${flow.address}:${flow.port} ${flow.answeredBy}:${flow.answeredByPort}`);
  }
}

const CLUSTER: PlacedFrontend = { kind: 'clusterIP', address: '10.96.0.10', port: 53 };
const NODE: PlacedFrontend = { kind: 'nodePort', port: 30_053 };

function dns(
  addresses: readonly string[],
  more: Partial<ProxiedRoute> = {},
  frontends = [CLUSTER, NODE],
): RouteProgram {
  const endpoints = addresses.map(address => endpointOf(address, { port: 5353 }));
  return programOf(routeOf({ protocol: 'UDP', endpoints, ...more }), frontends, NOTHING_BEFORE, () => 1);
}

const ONE = '10.0.0.1';
const TWO = '10.0.0.2';

describe('stale flows', () => {
  it.each<[string, RouteProgram | undefined, RouteProgram | undefined, Tracked[], string[]]>([
    [
      'an endpoint goes: its flows end, those of others go on',
      dns([ONE, TWO]),
      dns([TWO]),
      [
        { to: '10.96.0.10:53', by: `${ONE}:5353` },
        { to: '10.96.0.10:53', by: `${TWO}:5353` },
      ],
      [`10.96.0.10:53 ${TWO}:5353`],
    ],
    ['the last endpoint goes', dns([ONE]), dns([]), [{ to: '10.96.0.10:53', by: `${ONE}:5353` }], []],
    [
      'the first endpoint comes: what went nowhere begins again',
      dns([]),
      dns([ONE]),
      [{ to: '10.96.0.10:53', by: '10.96.0.10:53' }],
      [],
    ],
    ['the Service comes', undefined, dns([ONE]), [{ to: '10.96.0.10:53', by: '10.96.0.10:53' }], []],
    ['the Service goes', dns([ONE]), undefined, [{ to: '10.96.0.10:53', by: `${ONE}:5353` }], []],
    [
      'by a node port',
      dns([ONE]),
      dns([TWO]),
      [
        { to: '192.0.2.1:30053', by: `${ONE}:5353` },
        { to: '192.0.2.1:30053', by: `${TWO}:5353` },
      ],
      [`192.0.2.1:30053 ${TWO}:5353`],
    ],
    [
      'by a node port of an address that is not in the options',
      dns([ONE]),
      dns([TWO]),
      [{ to: '192.0.2.77:30053', by: `${ONE}:5353` }],
      [],
    ],
    [
      'the same port on another host does not count',
      dns([ONE]),
      dns([TWO]),
      [{ to: '198.51.100.9:30053', by: '198.51.100.9:30053' }],
      ['198.51.100.9:30053 198.51.100.9:30053'],
    ],
    [
      'another port of the address does not count',
      dns([ONE]),
      dns([TWO]),
      [{ to: '10.96.0.10:54', by: `${ONE}:5353` }],
      [`10.96.0.10:54 ${ONE}:5353`],
    ],
    [
      'an endpoint that ends and still serves keeps its flows',
      dns([ONE, TWO]),
      dns([], {
        endpoints: [
          endpointOf(ONE, { port: 5353, ready: false, serving: true, terminating: true }),
          endpointOf(TWO, { port: 5353 }),
        ],
      }),
      [{ to: '10.96.0.10:53', by: `${ONE}:5353` }],
      [`10.96.0.10:53 ${ONE}:5353`],
    ],
    [
      'TCP ends by itself',
      dns([ONE], { protocol: 'TCP' }),
      dns([TWO], { protocol: 'TCP' }),
      [{ to: '10.96.0.10:53', by: `${ONE}:5353` }],
      [`10.96.0.10:53 ${ONE}:5353`],
    ],
  ])('%s', async (_name, before, after, tracked, left) => {
    const conntrack = new FakeConntrack(tracked);
    const ended = await endFlows(conntrack, [{ before, after }]);
    expect(conntrack.left).toEqual(left);
    expect(ended).toBe(tracked.length - left.length);
  });

  it('are not queried if an endpoint is added', async () => {
    const conntrack = new FakeConntrack([]);
    await endFlows(conntrack, [{ before: dns([ONE]), after: dns([ONE, TWO]) }]);
    expect(conntrack.queries).toEqual([]);
  });

  it('are walked once for many Services, and the same ones are deleted', async () => {
    const at = (i: number): PlacedFrontend[] => [{ kind: 'clusterIP', address: `10.96.0.${i}`, port: 53 }];
    const numbers = Array.from({ length: 20 }, (_, i) => i + 1);
    const conntrack = new FakeConntrack(
      numbers.flatMap(i => [ONE, TWO].map(by => ({ to: `10.96.0.${i}:53`, by: `${by}:5353` }))),
    );
    await endFlows(
      conntrack,
      numbers.map(i => ({ before: dns([ONE, TWO], {}, at(i)), after: dns([TWO], {}, at(i)) })),
    );
    expect(conntrack.queries).toEqual([{ family: 'IPv4', protocol: 17 }]);
    expect(conntrack.left).toEqual(numbers.map(i => `10.96.0.${i}:53 ${TWO}:5353`));
  });

  it('keep those to the new endpoints if a frontend moves to another Service, in either order', async () => {
    const moved = [
      { before: dns([ONE]), after: undefined },
      { before: undefined, after: dns([TWO], { service: 'default/other' }) },
    ];
    for (const programs of [moved, [...moved].reverse()]) {
      const conntrack = new FakeConntrack([ONE, TWO].map(by => ({ to: '10.96.0.10:53', by: `${by}:5353` })));
      await endFlows(conntrack, programs);
      expect(conntrack.left).toEqual([`10.96.0.10:53 ${TWO}:5353`]);
    }
  });
});

function endFlows(conntrack: FakeConntrack, programs: Parameters<typeof endStaleFlows>[1]): Promise<number> {
  // The real class opens a socket in its constructor; this object has the fake's methods.
  const stand: Conntrack = Object.assign(Object.create(Conntrack.prototype), {
    flows: (query: FlowQuery) => conntrack.flows(query),
    delete: (handle: Flow['handle']) => conntrack.delete(handle),
  });
  return endStaleFlows(stand, programs, ['192.0.2.1']);
}
