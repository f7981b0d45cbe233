/** One of Switchboard's own planes on the node under test. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Lab } from '../../../testing/lab/lab.ts';
import type { ProfileName } from '../scenarios/index.ts';
import { clusterEvents, eventsOf } from './events.ts';
import type { NodeProxy, StepOf } from './packets.ts';
import type { PlaneReply, PlaneRequest } from './plane-host.ts';

const SCRIPT = join(import.meta.dirname, 'plane-host.ts');

type Body = PlaneRequest extends infer Each ? (Each extends { id: number } ? Omit<Each, 'id'> : never) : never;

export class OwnPlane implements NodeProxy {
  readonly #lab: Lab;
  readonly #plane: 'nftables' | 'userspace';
  /** The plane's complaints, to debug a failure. */
  readonly complaints: string[] = [];
  #child: ChildProcess | undefined;
  #lastId = 0;

  constructor(lab: Lab, plane: 'nftables' | 'userspace') {
    this.#lab = lab;
    this.#plane = plane;
  }

  async start(profile: ProfileName): Promise<void> {
    this.#child = this.#lab.node.fork(SCRIPT);
    await this.#ask({ start: { plane: this.#plane, profile } });
    await this.#ask({ events: clusterEvents() });
  }

  async apply(steps: readonly StepOf[]): Promise<void> {
    await this.#ask({ events: steps.flatMap(({ scenario, step }) => eventsOf(scenario, step)) });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    try {
      await this.#ask({ close: true });
    } finally {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await ended;
      this.#child = undefined;
      await this.#lab.node.must(['nft', 'flush', 'ruleset']);
    }
  }

  async #ask(body: Body): Promise<void> {
    const child = this.#child;
    if (child === undefined) throw new Error('the plane has not been started');
    const id = ++this.#lastId;
    const answered = new Promise<PlaneReply>((resolve, reject) => {
      const onMessage = (message: unknown): void => {
        if (!isReply(message) || message.id !== id) return;
        child.off('message', onMessage);
        resolve(message);
      };
      child.on('message', onMessage);
      child.once('exit', code => reject(new Error(`the ${this.#plane} plane exited: ${code}`)));
    });
    child.send({ id, ...body });
    const { complaints, error } = await answered;
    this.complaints.push(...complaints);
    if (error !== undefined) throw new Error(`the ${this.#plane} plane: ${error}`);
  }
}

function isReply(message: unknown): message is PlaneReply {
  return typeof message === 'object' && message !== null && 'id' in message && 'complaints' in message;
}
