import type { RemoteInfo } from 'node:dgram';
import type { FileBudget } from './file-budget.ts';
import type { FlowTable } from './flow-table.ts';
import type { Side } from './targets.ts';
import type { Counters } from './traffic.ts';
import { type FlowHost, UdpFlow } from './udp-flow.ts';
import type { UdpPortSocket, UdpSink } from './udp-port.ts';

/** What the flows of a port need of its route. */
export interface UdpHost extends Pick<FlowHost, 'choose' | 'mayStay' | 'targetFailed' | 'outOfFiles'> {
  readonly counters: Counters;
  /** Which delivery a client falls under here; undefined: it is not let in. */
  admit(client: string): Side | undefined;
  receiveFailed(error: Error): void;
}

/** The flows of one UDP port of one route, one for each client address and port and each address that it asks. */
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
      choose: (side, client, tried) => host.choose(side, client, tried),
      mayStay: (side, target) => host.mayStay(side, target),
      targetFailed: (target, code) => host.targetFailed(target, code),
      outOfFiles: () => host.outOfFiles(),
      reply: (message, flow) => this.#reply(message, flow),
      closed: flow => this.#closed(flow),
    };
  }

  datagram(message: Buffer, from: RemoteInfo, via: UdpPortSocket): void {
    const flow = this.#flows.get(flowKey(from, via)) ?? this.#begin(from, via);
    if (flow === undefined) return;
    this.#table.touch(flow);
    this.#host.counters.bytesIn += message.length;
    flow.send(message);
  }

  receiveFailed(error: Error): void {
    this.#host.receiveFailed(error);
  }

  /** Endpoints have changed. */
  rehome(): void {
    for (const flow of this.#flows.values()) flow.rehome();
  }

  close(): void {
    for (const flow of this.#flows.values()) flow.close();
  }

  #begin(from: RemoteInfo, via: UdpPortSocket): UdpFlow | undefined {
    const side = this.#host.admit(from.address);
    if (side === undefined) return undefined;
    if (!this.#files.take(1)) {
      this.#host.counters.refused++;
      this.#host.outOfFiles();
      return undefined;
    }
    const flow = new UdpFlow({ client: from, via, side }, this.#flowHost);
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

/** A client may ask several addresses of this machine from one socket, and has a flow with each. */
function flowKey(client: { readonly address: string; readonly port: number }, via: UdpPortSocket): string {
  return `${client.address} ${client.port} ${via.address}`;
}
