/** Dials what a scenario states with real packets, and reports what differs. */
import { hostPort } from '../../../src/net/index.ts';
import type { Host } from '../../../testing/lab/host.ts';
import type { Lab } from '../../../testing/lab/lab.ts';
import type { DialAnswer, DialOrder, EchoAnswer } from '../../../testing/lab/messages.ts';
import type { Scenario, ScenarioDial } from '../scenarios/index.ts';

/** How long an expected answer may take on a busy machine, and how long a dial must be silent to count as dropped. */
const PATIENCE_MS = 4_000;
const SILENCE_MS = 400;
/** After 12 n dials of n endpoints at random, an endpoint that never answered counts as left out. */
const ROUNDS = 3;
const DIALS_A_ROUND = 4;
const STICKY_DIALS = 8;

export interface JudgeOptions {
  /** The plane relays connections itself: endpoints see its address, not the client's. */
  readonly ignoreSource?: boolean;
  /** The node itself serves the ports that should be left alone; otherwise no server answers there. */
  readonly nodeServes: boolean;
}

/** Judges one scenario over all its steps. */
export class Judge {
  readonly #lab: Lab;
  readonly scenario: Scenario;
  readonly #options: JudgeOptions;
  readonly #stuck = new Map<string, string>();
  readonly problems: string[] = [];

  constructor(lab: Lab, scenario: Scenario, options: JudgeOptions) {
    this.#lab = lab;
    this.scenario = scenario;
    this.#options = options;
  }

  async step(index: number): Promise<void> {
    for (const dial of this.scenario.steps[index]?.dials ?? []) {
      for (const problem of await this.#judge(dial)) {
        const by = dial.source === undefined ? dial.from : `${dial.from} (${dial.source})`;
        const flow = dial.flow === undefined ? '' : ` flow ${dial.flow}`;
        const what = `${by} -> ${hostPort(dial.to, dial.port)}/${dial.protocol}${flow}`;
        this.problems.push(`step ${index + 1}: ${what}: ${problem}`);
      }
    }
  }

  async #judge(dial: ScenarioDial): Promise<string[]> {
    const { expect } = dial;
    const host = this.#lab.host(dial.from);
    if (typeof expect !== 'string') return await this.#judgeEndpoints(dial, host, expect);
    const [answer] = await host.dial([order(dial, expect === 'drop' ? SILENCE_MS : PATIENCE_MS, this.scenario.id)]);
    if (answer === undefined) return ['no outcome'];
    const asWanted =
      expect === 'reject'
        ? answer.kind === 'refused'
        : expect === 'drop'
          ? answer.kind === 'timeout'
          : this.#isLeftAlone(dial, answer);
    return asWanted ? [] : [`${text(answer)}, not ${expect}`];
  }

  #isLeftAlone(dial: ScenarioDial, answer: DialAnswer): boolean {
    if (answer.kind === 'refused') return !this.#options.nodeServes;
    return answer.kind === 'answer' && answer.address === dial.to;
  }

  async #judgeEndpoints(dial: ScenarioDial, host: Host, expect: Endpoints): Promise<string[]> {
    const wanted = new Set(expect.endpoints);
    const seen = new Set<string>();
    const one = order(dial, PATIENCE_MS, this.scenario.id);
    const single = dial.flow !== undefined;
    // One dial first: clients that dial at the same moment have no affinity yet.
    const sizes = single ? [1] : dial.sticky !== undefined ? [1, STICKY_DIALS] : rounds(wanted.size);
    for (const size of sizes) {
      for (const answer of await host.dial(Array.from({ length: size }, () => one))) {
        if (answer.kind !== 'answer') return [`${text(answer)}, not ${expect.endpoints.join(' ')}`];
        const endpoint = `${answer.host}:${answer.port}`;
        if (!wanted.has(endpoint)) return [`answered by ${endpoint}, not by ${expect.endpoints.join(' ')}`];
        const problem = this.#judgeSource(dial, answer, expect);
        if (problem !== undefined) return [problem];
        seen.add(endpoint);
      }
      if (dial.sticky === undefined && seen.size === wanted.size) return [];
    }
    if (dial.sticky !== undefined) return this.#judgeSticky(dial.sticky, seen);
    const missing = [...wanted].filter(endpoint => !seen.has(endpoint));
    return missing.length === 0 || (single && wanted.size > 1) ? [] : [`never answered by ${missing.join(' ')}`];
  }

  #judgeSticky(name: string, seen: ReadonlySet<string>): string[] {
    const [first = ''] = seen;
    const before = this.#stuck.get(name) ?? first;
    this.#stuck.set(name, before);
    if (seen.size > 1) return [`not one endpoint but ${[...seen].join(' ')}`];
    return first === before ? [] : [`answered by ${first}, previously by ${before}`];
  }

  #judgeSource(dial: ScenarioDial, answer: EchoAnswer, expect: Endpoints): string | undefined {
    if (this.#options.ignoreSource === true) return undefined;
    const family = dial.to.includes(':') ? 'IPv6' : 'IPv4';
    const own = dial.source ?? this.#lab.host(dial.from).address(family);
    const itself = answer.host === dial.from;
    const asNode = expect.source === 'node' || (expect.source === 'hairpin' && itself);
    if (!asNode) return answer.source === own ? undefined : `the source ${own} became ${answer.source}`;
    const ofNode = this.#lab.node.addresses.includes(answer.source);
    // A node that dials from its second address and is masqueraded appears with its first.
    const isMasked =
      ofNode && (dial.from !== this.#lab.node.name || dial.source === undefined || answer.source !== own);
    return isMasked || isUnseen(dial, answer, own) ? undefined : `the source is ${answer.source}, not the node's`;
  }
}

type Endpoints = Exclude<ScenarioDial['expect'], string>;

/** From the node's own VIP to itself: the kernel decides whether masquerading chooses the same address again. */
function isUnseen(dial: ScenarioDial, answer: EchoAnswer, own: string): boolean {
  return dial.source === dial.to && answer.source === own;
}

function order(dial: ScenarioDial, timeoutMs: number, scenario: string): DialOrder {
  const { to, port, protocol, source, flow } = dial;
  return {
    to,
    port,
    protocol,
    timeoutMs,
    ...(source === undefined ? {} : { source }),
    ...(flow === undefined ? {} : { flow: `${scenario} ${flow}` }),
  };
}

function rounds(endpoints: number): number[] {
  return Array.from({ length: ROUNDS }, () => DIALS_A_ROUND * endpoints);
}

function text(answer: DialAnswer): string {
  switch (answer.kind) {
    case 'answer':
      return `answered by ${answer.host} as ${hostPort(answer.address, answer.port)}`;
    case 'failed':
      return `failed with ${answer.code}`;
    default:
      return answer.kind;
  }
}
