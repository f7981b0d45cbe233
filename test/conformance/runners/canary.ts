import type { Lab } from '../../../testing/lab/lab.ts';
import type { DialOrder } from '../../../testing/lab/messages.ts';
import { service, slice } from '../scenarios/words.ts';
import type { ApiObjects } from './api-objects.ts';

const NAMESPACE = 'canary';
const ADDRESSES = [
  { family: 'IPv4', service: '10.96.9.1', endpoints: '10.96.9.2' },
  { family: 'IPv6', service: 'fd00:96::9001', endpoints: 'fd00:96::9002' },
] as const;
const FROM = 'a3';
const WITHIN_MS = 60_000;
const BETWEEN_MS = 20;

/**
 * Detects that a proxy has programmed everything written so far. Its watches of Services and of EndpointSlices deliver
 * events in the order of the writes. So once a last write of each kind has taken effect in each family, all earlier
 * ones have, too.
 */
export class Canary {
  readonly #lab: Lab;
  readonly #objects: ApiObjects;
  #songs = 0;

  constructor(lab: Lab, objects: ApiObjects) {
    this.#lab = lab;
    this.#objects = objects;
  }

  async create(): Promise<void> {
    await this.#objects.namespace(NAMESPACE);
    for (const { family, service: address, endpoints } of ADDRESSES) {
      const families = { ipFamilies: [family], ipFamilyPolicy: 'SingleStack' };
      const [name, other] = names(family);
      await this.#objects.apply(NAMESPACE, {
        set: [
          service(address, families, { name }),
          slice(['a1'], { service: name, family }),
          service(endpoints, families, { name: other }),
          slice(['a1'], { service: other, family }),
        ],
        dials: [],
      });
    }
  }

  async sing(): Promise<void> {
    this.#songs++;
    const port = 10_000 + this.#songs;
    const endpoint = this.#songs % 2 === 0 ? 'a1' : 'a2';
    for (const { family, service: address } of ADDRESSES) {
      const families = { ipFamilies: [family], ipFamilyPolicy: 'SingleStack' };
      const [name, other] = names(family);
      const ports = [{ port, targetPort: 8080 }];
      await this.#objects.apply(NAMESPACE, {
        set: [service(address, { ...families, ports }, { name }), slice([endpoint], { service: other, family })],
        dials: [],
      });
    }
    const dials = ADDRESSES.flatMap(address => [order(address.service, port), order(address.endpoints, 80)]);
    const deadline = performance.now() + WITHIN_MS;
    for (;;) {
      const answers = await this.#lab.host(FROM).dial(dials);
      const hold = answers.map((answer, index) => {
        return answer.kind === 'answer' && (index % 2 === 0 || answer.host === endpoint);
      });
      if (hold.every(Boolean)) return;
      if (performance.now() > deadline) throw new Error(`the proxy has not caught up: ${JSON.stringify(answers)}`);
      await new Promise(resolve => setTimeout(resolve, BETWEEN_MS));
    }
  }
}

function names(family: string): [service: string, endpoints: string] {
  const suffix = family.toLowerCase();
  return [`service-${suffix}`, `endpoints-${suffix}`];
}

function order(to: string, port: number): DialOrder {
  return { to, port, protocol: 'TCP', timeoutMs: 150 };
}
