import { SwitchboardError } from '../../errors.ts';
import { addressAt } from '../../net/index.ts';
import type { EngineApi } from '../api/api.ts';
import { engineReason, unlessMissing } from '../api/engine-error.ts';
import { recordOf, recordsOf, textMapOf, textOf } from '../api/fields.ts';
import { hasLabels, labelFilter, type Waiting } from '../containers/containers.ts';
import type { EngineFacts } from '../facts.ts';
import { chooseSubnet, hostBlocks, parseBlock, type SubnetPlan } from './subnets.ts';

export interface NetworkSpec extends SubnetPlan {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly subnets: readonly string[];
}

/** Podman's own API, for what its Docker API cannot do. */
const LIBPOD = '/v4.0.0/libpod';
/** Another process may take the chosen subnet first. */
const MAX_ATTEMPTS = 3;

/** Networks of an engine. */
export class Networks {
  readonly #api: EngineApi;
  readonly #facts: EngineFacts;

  constructor(api: EngineApi, facts: EngineFacts) {
    this.#api = api;
    this.#facts = facts;
  }

  /**
   * Creates a bridge network with the first of these subnets that is free among the engine's networks and this machine's
   * routes.
   *
   * @throws SWB_ENGINE if none is free
   */
  async createFree(
    candidates: readonly string[],
    options: { readonly name: string; readonly labels: Readonly<Record<string, string>> } & Waiting,
  ): Promise<Network> {
    const { name, labels, signal } = options;
    const refusedSubnets: string[] = [];
    for (;;) {
      const networks = await this.list({}, { signal });
      const taken = [...networks.flatMap(({ subnets }) => subnets), ...(await hostBlocks()), ...refusedSubnets];
      const plan = chooseSubnet(candidates, taken);
      if (plan === undefined) {
        throw new SwitchboardError(
          'SWB_ENGINE',
          `cannot create network ${name}: each of ${candidates.join(', ')} overlaps with a network of the container engine or a route of this machine (a VPN?)`,
        );
      }
      try {
        return await this.create({ name, labels, ...plan }, { signal });
      } catch (error) {
        if (!/overlap|already (used|in use|being used)/i.test(engineReason(error))) throw error;
        if (refusedSubnets.push(plan.subnet) >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** Creates a bridge network. For Podman without its DNS server, which its Docker API would add. */
  async create(spec: NetworkSpec, { signal }: Waiting = {}): Promise<Network> {
    const doing = `create network ${spec.name}`;
    const request =
      this.#facts.name === 'podman'
        ? ({ path: '/networks/create', prefix: LIBPOD, body: libpodBody(spec) } as const)
        : ({ path: '/networks/create', body: dockerBody(spec) } as const);
    const answer = recordOf(await this.#api.json({ method: 'POST', ...request, signal, doing }));
    const { name, labels, subnet } = spec;
    return { id: textOf(answer.Id) || textOf(answer.id), name, labels, subnets: [subnet] };
  }

  /** Networks that have all these labels. */
  async list(labels: Readonly<Record<string, string>>, { signal }: Waiting = {}): Promise<readonly Network[]> {
    const query = Object.keys(labels).length === 0 ? {} : { filters: labelFilter(labels) };
    const answer = await this.#api.json({ method: 'GET', path: '/networks', query, signal, doing: 'list networks' });
    return recordsOf(answer)
      .map(networkFrom)
      .filter(network => hasLabels(network.labels, labels));
  }

  /**
   * By name, since Podman 4.3 removes a network that is in use if it gets an id. No error if it is gone.
   *
   * @throws SWB_ENGINE while containers are left in it
   */
  async remove(name: string, { signal }: Waiting = {}): Promise<void> {
    const path = `/networks/${name}`;
    await unlessMissing(this.#api.json({ method: 'DELETE', path, signal, doing: `remove network ${name}` }));
  }
}

function networkFrom(fields: Readonly<Record<string, unknown>>): Network {
  return {
    id: textOf(fields.Id),
    name: textOf(fields.Name),
    labels: textMapOf(fields.Labels),
    subnets: recordsOf(recordOf(fields.IPAM).Config)
      .map(config => textOf(config.Subnet))
      .filter(subnet => subnet !== ''),
  };
}

function dockerBody({ name, labels, subnet, gateway, range }: NetworkSpec): object {
  return {
    Name: name,
    // Below API 1.44 Docker would create a second network of the same name.
    CheckDuplicate: true,
    Driver: 'bridge',
    IPAM: { Driver: 'default', Config: [{ Subnet: subnet, Gateway: gateway, IPRange: range }] },
    Labels: labels,
  };
}

function libpodBody({ name, labels, subnet, gateway, range }: NetworkSpec): object {
  return {
    name,
    driver: 'bridge',
    dns_enabled: false,
    subnets: [{ subnet, gateway, lease_range: leaseRange(range) }],
    labels,
  };
}

/** Podman's first and last address of a range. The last of a subnet is its broadcast address. */
function leaseRange(range: string): object {
  const block = parseBlock(range);
  if (block === undefined) throw new TypeError(`${range} is not a block of IPv4 addresses`);
  return { start_ip: addressAt(block, 0), end_ip: addressAt(block, block.size - 2) };
}
