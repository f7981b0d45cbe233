import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Plane } from '../planes/index.ts';
import { type AgentSource, NodeAgent } from './agent.ts';
import { readNodeConfig } from './config.ts';

const STEPS = ['open the source', 'load', 'open the plane', 'apply'] as const;
type Step = (typeof STEPS)[number];

/** A cluster and a plane that block at one step, and record the calls. */
class Scene {
  readonly calls: string[] = [];
  readonly reached = Promise.withResolvers<void>();
  readonly goOn = Promise.withResolvers<void>();
  update: Parameters<AgentSource['watch']>[0] = () => undefined;
  readonly #stopAt: Step | undefined;
  readonly #failAt: Step | undefined;

  constructor(stopAt?: Step, failAt?: Step) {
    this.#stopAt = stopAt;
    this.#failAt = failAt;
  }

  async at(step: Step): Promise<void> {
    this.calls.push(step);
    if (step === this.#failAt) throw new Error(`${step} fails`);
    if (step !== this.#stopAt) return;
    this.reached.resolve();
    await this.goOn.promise;
  }

  async openSource(): Promise<AgentSource> {
    await this.at('open the source');
    return {
      server: 'https://192.0.2.1',
      load: async () => {
        await this.at('load');
        return { events: [], notices: [] };
      },
      watch: onUpdate => {
        this.calls.push('watch');
        this.update = onUpdate;
      },
      close: async () => {
        this.calls.push('close the source');
      },
    };
  }

  async openPlane(): Promise<Plane> {
    await this.at('open the plane');
    return {
      name: 'recorded',
      apply: async () => {
        await this.at('apply');
        return { outcomes: [] };
      },
      observe: async () => [],
      traffic: () => [],
      close: async () => {
        this.calls.push('close the plane');
      },
    };
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function agentOf(scene: Scene, more: readonly (readonly [string, unknown])[] = []): NodeAgent {
  const fields = new Map<string, unknown>([['healthzBindAddress', ''], ['metricsBindAddress', ''], ...more]);
  return new NodeAgent({
    config: readNodeConfig(undefined, fields),
    nodeName: 'node1',
    log: silent,
    openSource: () => scene.openSource(),
    openPlane: () => scene.openPlane(),
    force: false,
    prepareHost: () => scene.calls.push('prepare the host'),
    onOutdated: () => undefined,
  });
}

describe('close while the agent starts', () => {
  test.each(STEPS)('closes what has been opened, and does nothing more: %s', async step => {
    const scene = new Scene(step);
    const agent = agentOf(scene);
    const started = agent.start();
    await scene.reached.promise;
    const closed = agent.close();
    scene.goOn.resolve();
    await Promise.all([started, closed]);
    // A source that opens only now is closed asynchronously.
    await new Promise(resolve => setImmediate(resolve));
    const done: string[] = STEPS.slice(0, STEPS.indexOf(step) + 1);
    if (step === 'apply') done.splice(-1, 0, 'prepare the host');
    const closing =
      step === 'open the plane' || step === 'apply' ? ['close the source', 'close the plane'] : ['close the source'];
    expect(scene.calls).toEqual([...done, ...closing]);
  });

  test('does not wait for a source or a first list that never comes', async () => {
    for (const step of ['open the source', 'load'] as const) {
      const scene = new Scene(step);
      const agent = agentOf(scene);
      const started = agent.start();
      await scene.reached.promise;
      await agent.close();
      await started;
    }
  });
});

describe('the host', () => {
  test('is prepared once, after everything that may fail and before the first rules', async () => {
    const scene = new Scene();
    const agent = agentOf(scene);
    expect(agent.hasProgrammed).toBe(false);
    await agent.start();
    expect(agent.hasProgrammed).toBe(true);
    await agent.close();
    expect(scene.calls.slice(0, 5)).toEqual(['open the source', 'load', 'open the plane', 'prepare the host', 'apply']);
  });

  test.each(['open the source', 'load', 'open the plane'] as const)('is left alone if this fails: %s', async step => {
    const scene = new Scene(undefined, step);
    const agent = agentOf(scene);
    await expect(agent.start()).rejects.toThrow(`${step} fails`);
    await agent.close();
    expect(scene.calls).not.toContain('prepare the host');
    expect(agent.hasProgrammed).toBe(false);
  });

  test('gets no server for health if the kubeconfig cannot be used', async () => {
    await using taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const place = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const scene = new Scene(undefined, 'open the source');
    const agent = agentOf(scene, [
      ['healthzBindAddress', place],
      ['bindAddressHardFail', true],
    ]);
    // The server, opened first, would fail with its own error.
    await expect(agent.start()).rejects.toThrow('open the source fails');
    await agent.close();
  });
});

test('accepts an update with any number of events', async () => {
  const scene = new Scene();
  const agent = agentOf(scene);
  await agent.start();
  const gone = { type: 'delete', kind: 'EndpointSlice', namespace: 'default', name: 'web' } as const;
  scene.update({ events: Array.from({ length: 300_000 }, () => gone), notices: [] });
  await agent.close();
});
