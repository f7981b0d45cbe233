/** The lab that the other conformance tests use: which hosts reach each other, what silence and refusal are, cleanup. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAB_PREFIX, Lab } from '../../testing/lab/lab.ts';
import type { DialAnswer, DialOrder } from '../../testing/lab/messages.ts';
import { hostsOf, parseLabSpec, STANDARD_LAB } from '../../testing/lab/spec.ts';
import { labMissing } from '../../testing/lab/tools.ts';
import { removeLeftovers } from '../../testing/namespaces.ts';
import { askEngine } from './runners/engine.ts';
import { Judge } from './runners/judge.ts';
import { SCENARIOS, type Scenario } from './scenarios/index.ts';
import { dial as ask, hairpin, kept, masked } from './scenarios/words.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe('descriptions of labs', () => {
  test('the example is valid', () => {
    const spec = parseLabSpec(readFileSync(resolve(ROOT, 'examples/lab.yaml'), 'utf8'));
    expect([...hostsOf(spec).keys()]).toEqual(['world', 'node1', 'a1', 'a2', 'node2', 'b1', 'client', 'client2']);
  });

  test.each([
    ['nodes: []\nclients: []\ncarried: []', 'a lab needs a node'],
    ['clients: []', 'nodes is not a list'],
    ['nodes: [{ name: n-1, addresses: [], podCIDRs: [] }]\nclients: []\ncarried: []', "a host's name is a-z0-9"],
    ['nodes: [{ name: a, addresses: [], podCIDRs: [], pods: { a: [] } }]\nclients: []\ncarried: []', 'two hosts'],
  ])('%j is rejected', (text, why) => {
    expect(() => parseLabSpec(text)).toThrow(why);
  });
});

test('scenarios have unique ids and names', () => {
  expect(new Set(SCENARIOS.map(scenario => scenario.id)).size).toBe(SCENARIOS.length);
  expect(new Set(SCENARIOS.map(scenario => scenario.name)).size).toBe(SCENARIOS.length);
});

/** A judge that accepts everything is useless. */
describe('judges report what is wrong', () => {
  test.each([
    ['one endpoint too many', kept('a1', 'b1', 'b2')],
    ['one endpoint too few', kept('a1')],
    ['another port', kept('a1:9090', 'b1')],
    ['another source', masked('a1', 'b1')],
    ['a hairpin where there is none', hairpin('a1', 'b1')],
    ['a refusal', 'reject'],
    ['silence', 'drop'],
    ['an answer where none is due', 'none'],
  ] as const)('without packets: %s', (_what, expected) => {
    const scenario = SCENARIOS.find(({ id }) => id === '3.6-cluster-ip');
    const [step] = scenario?.steps ?? [];
    const [first] = step?.dials ?? [];
    if (scenario === undefined || step === undefined || first === undefined) throw new Error('no such scenario');
    const said = (expect: typeof expected) =>
      askEngine({ ...scenario, steps: [{ ...step, dials: [{ ...first, expect }] }] });
    expect(said(kept('a1', 'b1'))).toEqual([]);
    expect(said(expected)).toHaveLength(1);
  });
});

const missing = labMissing();
describe.skipIf(missing !== undefined)(missing === undefined ? 'a lab' : `a lab (skipped: ${missing})`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.create(STANDARD_LAB);
    await Promise.all(['a1', 'b1'].map(pod => lab.host(pod).serve({ tcp: [8080], udp: [5353] })));
    await lab.host('world').serveEverywhere([80]);
  });
  afterAll(() => lab.close());

  const dial = async (from: string, order: Partial<DialOrder>): Promise<DialAnswer | undefined> => {
    const whole = { to: '10.180.0.11', port: 8080, protocol: 'TCP', timeoutMs: 2_000, ...order } as const;
    return (await lab.host(from).dial([whole]))[0];
  };

  test.each(['client', 'client2', 'a2', 'b2', 'node1', 'node2'])(
    '%s reaches pods, which see the address of the client',
    async from => {
      const source = (family: 'IPv4' | 'IPv6') => ({ kind: 'answer', source: lab.host(from).address(family) });
      expect(await dial(from, {})).toMatchObject({ host: 'a1', ...source('IPv4') });
      expect(await dial(from, { to: '10.180.1.11', port: 5353, protocol: 'UDP' })).toMatchObject({
        host: 'b1',
        ...source('IPv4'),
      });
      expect(await dial(from, { to: 'fd00:180:0:1::11' })).toMatchObject({ host: 'b1', ...source('IPv6') });
    },
  );

  test('a dial can choose its source address', async () => {
    expect(await dial('node1', { source: '192.0.2.2' })).toMatchObject({ source: '192.0.2.2' });
  });

  test('a closed port refuses, over TCP and UDP', async () => {
    expect(await dial('client', { port: 1 })).toEqual({ kind: 'refused' });
    expect(await dial('client', { port: 1, protocol: 'UDP' })).toEqual({ kind: 'refused' });
  });

  test('a dropped packet is silence', async () => {
    await lab.node.must(
      ['nft', '-f', '-'],
      'table ip t { chain c { type filter hook forward priority 0; tcp dport 7 drop; }; }',
    );
    expect(await dial('client', { port: 7, timeoutMs: 200 })).toEqual({ kind: 'timeout' });
    await lab.node.must(['nft', 'delete', 'table', 'ip', 't']);
  });

  test.each(['client', 'b1', 'a1', 'node1'])('the world answers what %s sends and the node forwards', async from => {
    expect(await dial(from, { to: '10.96.7.7', port: 80 })).toMatchObject({ host: 'world', address: '10.96.7.7' });
    expect(await dial(from, { to: 'fd00:113::7', port: 80 })).toMatchObject({ host: 'world', address: 'fd00:113::7' });
  });

  test('packets to the world go through the node', async () => {
    await lab.node.must(
      ['nft', '-f', '-'],
      'table ip t { chain c { type filter hook forward priority 0; ip daddr 10.96.7.8 drop; }; }',
    );
    expect(await dial('client', { to: '10.96.7.8', port: 80, timeoutMs: 200 })).toEqual({ kind: 'timeout' });
    await lab.node.must(['nft', 'delete', 'table', 'ip', 't']);
  });

  test('the lab has no route to the outside', async () => {
    for (const { name } of lab.hosts) {
      const { code } = await lab.host(name).run(['ip', 'route', 'get', '9.9.9.9']);
      // Nodes, pods and clients send it to the world, which has no route for it.
      expect([name, code === 0]).toEqual([name, name !== 'world']);
    }
  });

  test('a dial can reuse a connection', async () => {
    const first = await dial('client', { flow: 'kept' });
    await lab.node.must(
      ['nft', '-f', '-'],
      'table ip t { chain c { type filter hook forward priority 0; tcp flags syn drop; }; }',
    );
    expect(await dial('client', { flow: 'kept' })).toEqual(first);
    expect(await dial('client', { timeoutMs: 200 })).toEqual({ kind: 'timeout' });
    await lab.node.must(['nft', 'delete', 'table', 'ip', 't']);
    await lab.host('client').forgetFlows();
  });

  test.each([
    ['another endpoint', ask('client', '10.180.0.11', 8080, kept('b1')), /answered by a1:8080, not by b1:8080/],
    [
      'an endpoint that never answers',
      ask('client', '10.180.0.11', 8080, kept('a1', 'b1')),
      /never answered by b1:8080/,
    ],
    ['another port', ask('client', '10.180.0.11', 8080, kept('a1:9090')), /answered by a1:8080/],
    [
      'a source that is kept by mistake',
      ask('client', '10.180.0.11', 8080, masked('a1')),
      /the source is 198.51.100.10, not the/,
    ],
    ['a hairpin that keeps its source', ask('a1', '10.180.0.11', 8080, hairpin('a1')), /the source is 10.180.0.11/],
    ['an answer in place of silence', ask('client', '10.180.0.11', 8080, 'drop'), /answered by a1 .* not drop/],
    ['refusal in place of silence', ask('client', '10.180.0.11', 1, 'drop'), /refused, not drop/],
    ['refusal in place of an answer', ask('client', '10.180.0.11', 1, kept('a1')), /refused, not a1:8080/],
    ['refusal of what should be left alone', ask('client', '10.180.0.11', 1, 'none'), /refused, not none/],
  ])('the judge of packets reports %s', async (_what, wrong, complaint) => {
    const scenario: Scenario = { id: 'x', name: 'x', profile: 'standard', except: {}, steps: [{ dials: [wrong] }] };
    const judge = new Judge(lab, scenario, { nodeServes: true });
    await judge.step(0);
    expect(judge.problems).toEqual([expect.stringMatching(complaint)]);
  });

  test('removes what a killed process left behind', async () => {
    const script = `
      import { Lab } from ${JSON.stringify(resolve(ROOT, 'testing/lab/lab.ts'))};
      const lab = await Lab.create();
      await lab.host('a1').serve({ tcp: [8080], udp: [] });
      console.log(lab.node.namespace);
      setInterval(() => {}, 1_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    const namespace = String(line).trim();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(spawnSync('ip', ['netns', 'pids', namespace]).status).toBe(0);
    removeLeftovers(LAB_PREFIX);
    expect(spawnSync('ip', ['netns', 'pids', namespace]).status).not.toBe(0);
    expect(spawnSync('ip', ['netns', 'pids', lab.node.namespace]).status).toBe(0);
  });
});
