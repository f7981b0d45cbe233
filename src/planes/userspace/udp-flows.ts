import type { RemoteInfo } from 'node:dgram';
import type { TrafficKind } from './endpoint-pool.ts';
import type { FileBudget } from './file-budget.ts';
import type { FlowTable } from './flow-table.ts';
import type { Counters } from './traffic.ts';
import { type FlowHost, UdpFlow } from './udp-flow.ts';
import type { UdpPortSocket, UdpSink } from './udp-port.ts';

/** The route of the flows of a port. */
export interface UdpHost extends Pick<FlowHost, 'choose' | 'mayStay' | 'endpointFailed' | 'outOfFiles'> {
  readonly counters: Counters;
  /** Which delivery applies to a client; undefined: the client is not allowed. */
  admit(client: string): TrafficKind | undefined;
  receiveFailed(error: Error): void;
}

/** The flows of one UDP port of one route: one for each client address and port, and each address that the client asks. */
export class UdpFlows implements UdpSink {
  readonly #host: UdpHost;
  readonly #table: FlowTable;
  readonly #files: FileBudget;
  readonly #flows = new Map<string, UdpFlow>();
  readonly #flowHost: FlowHost;

  constructor(host: UdpHost, table: FlowTable, files: FileBudget) {
    this.#host = host;
    this.#table = table;
    this.#files = files;
    this.#flowHost = {
      choose: (kind, client, tried) => host.choose(kind, client, tried),
      mayStay: (kind, endpoint) => host.mayStay(kind, endpoint),
      endpointFailed: (endpoint, code) => host.endpointFailed(endpoint, code),
      outOfFiles: () => host.outOfFiles(),
      reply: (message, flow) => this.#reply(message, flow),
      closed: flow => this.#closed(flow),
    };
  }

  datagram(message: Buffer, from: RemoteInfo, via: UdpPortSocket): void {
    const flow = this.#flows.get(flowKey(from, via)) ?? this.#open(from, via);
    if (flow === undefined) return;
    this.#table.touch(flow);
    this.#host.counters.bytesIn += message.length;
    flow.send(message);
  }

  receiveFailed(error: Error): void {
    this.#host.receiveFailed(error);
  }

  /** Call after a change of endpoints. */
  moveIfNeeded(): void {
    for (const flow of this.#flows.values()) flow.moveIfNeeded();
  }

  close(): void {
    for (const flow of this.#flows.values()) flow.close();
  }

  #open(from: RemoteInfo, via: UdpPortSocket): UdpFlow | undefined {
    const kind = this.#host.admit(from.address);
    if (kind === undefined) return undefined;
    if (!this.#files.take(1)) {
      this.#host.counters.refused++;
      this.#host.outOfFiles();
      return undefined;
    }
    const flow = new UdpFlow({ client: from, via, kind }, this.#flowHost);
    if (!flow.start()) {
      this.#files.give(1);
      this.#host.counters.refused++;
      return undefined;
    }
    this.#flows.set(flowKey(from, via), flow);
    this.#host.counters.accepted++;
    this.#host.counters.active++;
    this.#table.add(flow);
    return flow;
  }

  #reply(message: Buffer, flow: UdpFlow): void {
    this.#table.touch(flow);
    this.#host.counters.bytesOut += message.length;
    flow.via.reply(message, flow.address, flow.port);
  }

  #closed(flow: UdpFlow): void {
    this.#flows.delete(flowKey(flow, flow.via));
    this.#host.counters.active--;
    this.#table.remove(flow);
    this.#files.give(1);
  }
}

/** A client may ask several addresses of this machine from one socket; each has a flow of its own. */
function flowKey(client: { readonly address: string; readonly port: number }, via: UdpPortSocket): string {
  return `${client.address} ${client.port} ${via.address}`;
}
