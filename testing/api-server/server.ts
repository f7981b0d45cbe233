/**
 * A small API server in the test's own process. It lists and watches like a real one, and injects on demand the faults
 * that a real one rarely shows.
 *
 * @module
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ApiResponse } from '../control-plane/index.ts';
import {
  type ApiServerOptions,
  asObject,
  bookmarkOf,
  COLLECTIONS,
  kubeconfigOf,
  line,
  pageOf,
  refuse,
  statusObject,
} from './answers.ts';
import { Faults, type Refusal } from './faults.ts';
import { type ApiObject, type Change, keyOf, Objects, seenBy, selectorOf, Versions } from './objects.ts';
import { Writer } from './writer.ts';

export interface Asked {
  readonly plural: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

interface Watch {
  readonly plural: string;
  readonly response: ServerResponse;
  readonly matches: (object: ApiObject) => boolean;
  /** Writes that wait while their collection is held. */
  readonly waiting: string[];
}

const PATH = /^\/(?:api\/v1|apis\/[^/]+\/v1)(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?$/;

export class ApiServer implements AsyncDisposable {
  readonly faults = new Faults();
  /** Every request so far. */
  readonly asked: Asked[] = [];
  readonly #options: ApiServerOptions;
  readonly #versions = new Versions();
  readonly #collections = new Map<string, Objects>();
  readonly #watches = new Set<Watch>();
  readonly #server: Server;
  readonly #writer = new Writer(() => this.faults.bytesAtATime);
  #directory = '';
  #waiters: (() => void)[] = [];

  private constructor(options: ApiServerOptions) {
    this.#options = options;
    for (const [plural, { kind, apiVersion }] of Object.entries(COLLECTIONS)) {
      const onChange = (change: Change): void => this.#tellWatches(plural, change);
      this.#collections.set(plural, new Objects(kind, apiVersion, this.#versions, onChange));
    }
    const answer = (request: IncomingMessage, response: ServerResponse): void => this.#answer(request, response);
    this.#server = options.tls === undefined ? createServer(answer) : createSecureServer(options.tls, answer);
  }

  static async start(options: ApiServerOptions = {}): Promise<ApiServer> {
    const server = new ApiServer(options);
    server.#directory = await mkdtemp(join(tmpdir(), 'switchboard-apiserver-'));
    await server.#listen(0);
    await writeFile(server.kubeconfig, JSON.stringify(kubeconfigOf(server.url, options)));
    return server;
  }

  get kubeconfig(): string {
    return join(this.#directory, 'kubeconfig');
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.#port}`;
  }

  get #port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.#lastPort;
  }

  #lastPort = 0;

  /** Writes without a connection, by the paths of the real API. */
  async request(method: string, path: string, body?: unknown): Promise<ApiResponse> {
    const [, namespace, plural = '', name] = PATH.exec(path) ?? [];
    const objects = this.#collections.get(plural);
    if (objects === undefined) return { status: 404, json: undefined };
    const key = namespace === undefined ? (name ?? '') : `${namespace}/${name}`;
    if (method === 'GET') {
      const found = objects.get(key);
      return { status: found === undefined ? 404 : 200, json: found };
    }
    if (method === 'DELETE') {
      const gone = objects.remove(key);
      return { status: gone === undefined ? 404 : 200, json: gone };
    }
    const { metadata, ...rest } = asObject(body);
    const placed = { ...rest, metadata: namespace === undefined ? metadata : { ...metadata, namespace } };
    const exists = objects.get(keyOf(placed)) !== undefined;
    if (method === 'POST' && exists) return { status: 409, json: undefined };
    return { status: method === 'POST' ? 201 : 200, json: objects.put(placed) };
  }

  /** Resolves when a condition on the requests or the watches holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>(resolve => this.#waiters.push(resolve));
  }

  watchesOf(plural: string): number {
    return [...this.#watches].filter(watch => watch.plural === plural).length;
  }

  refuse(refusal: Refusal): void {
    this.faults.refuse(refusal);
  }

  /** Resets every connection. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  /** Ends the open watches cleanly, as the server does at their time limit. */
  endWatches(): void {
    for (const { response } of this.#watches) this.#writer.after(() => response.end());
  }

  /** Stops listening until `comeBack`. */
  async goAway(): Promise<void> {
    this.#lastPort = this.#port;
    const closed = new Promise(resolve => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async comeBack(): Promise<void> {
    await this.#listen(this.#lastPort);
  }

  /** Writes anything to the watches of a collection. */
  say(plural: string, text: string): void {
    for (const watch of this.#watches) if (watch.plural === plural) this.#writer.write(watch.response, text);
  }

  /** Sends the last changes again. */
  replay(plural: string, count: number): void {
    for (const change of this.#objects(plural).lastChanges(count)) this.#tellWatches(plural, change);
  }

  bookmark(plural: string): void {
    this.say(plural, bookmarkOf(this.#objects(plural), this.#versions.last, {}));
  }

  /** Forgets the history: rejects older resource versions, and sends an error event to the open watches. */
  compact(): void {
    for (const objects of this.#collections.values()) objects.compact();
    const expired = statusObject({ status: 410, reason: 'Expired', message: 'too old resource version' });
    for (const { response } of this.#watches) {
      this.#writer.write(response, line('ERROR', expired));
      this.#writer.after(() => response.end());
    }
  }

  /** Holds back the changes of a collection from now on. */
  hold(plural: string): void {
    this.faults.held.add(plural);
  }

  release(plural: string): void {
    this.faults.held.delete(plural);
    for (const watch of this.#watches) {
      if (watch.plural === plural) for (const line of watch.waiting.splice(0)) this.#writer.write(watch.response, line);
    }
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.goAway();
    await rm(this.#directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #objects(plural: string): Objects {
    const objects = this.#collections.get(plural);
    if (objects === undefined) throw new Error(`there is no collection ${plural}`);
    return objects;
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#lastPort = this.#port;
        resolve();
      });
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, namespace, plural = ''] = PATH.exec(url.pathname) ?? [];
    const query = url.searchParams;
    this.asked.push({ plural, query, headers: request.headers });
    this.#wake();
    if (this.faults.stalled) return;
    const objects = this.#collections.get(plural);
    const refusal =
      this.#stranger(request) ??
      this.faults.refusalFor(plural, query) ??
      (objects === undefined ? { status: 404, reason: 'NotFound' } : undefined) ??
      this.#unknownWay(query);
    if (refusal !== undefined || objects === undefined) {
      refuse(response, refusal ?? { status: 404 });
      return;
    }
    const matches = selectorOf(query, namespace);
    if (query.has('watch')) this.#watch(response, { plural, query, objects, matches });
    else this.#list(request, response, { query, objects, matches });
  }

  #stranger(request: IncomingMessage): Refusal | undefined {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const authorized = this.#options.tokens?.has(token) ?? true;
    return authorized ? undefined : { status: 401, reason: 'Unauthorized', message: 'Unauthorized' };
  }

  #unknownWay(query: URLSearchParams): Refusal | undefined {
    if (this.#options.streamingLists !== false || !query.has('sendInitialEvents')) return undefined;
    return { status: 422, reason: 'Invalid', message: 'sendInitialEvents is forbidden for watch' };
  }

  #list(
    request: IncomingMessage,
    response: ServerResponse,
    asking: { query: URLSearchParams; objects: Objects; matches: (object: ApiObject) => boolean },
  ): void {
    const { query, objects, matches } = asking;
    const list = pageOf(query, objects, { matches, version: this.#versions.last });
    if (list === undefined) {
      refuse(response, { status: 410, reason: 'Expired' });
      return;
    }
    const text = Buffer.from(this.faults.listText ?? JSON.stringify(list));
    const packs = request.headers['accept-encoding']?.includes('gzip') === true;
    response.writeHead(200, { 'content-type': 'application/json', ...(packs ? { 'content-encoding': 'gzip' } : {}) });
    this.#writer.write(response, packs ? gzipSync(text) : text);
    this.#writer.after(() => response.end());
  }

  #watch(
    response: ServerResponse,
    asking: { plural: string; query: URLSearchParams; objects: Objects; matches: (object: ApiObject) => boolean },
  ): void {
    const { plural, query, objects, matches } = asking;
    const from = query.get('resourceVersion');
    if (from !== null && Number(from) < objects.oldest) {
      refuse(response, { status: 410, reason: 'Expired' });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (this.faults.cutsWatches) {
      this.#writer.after(() => response.destroy());
      return;
    }
    if (query.has('sendInitialEvents')) {
      for (const object of objects.all().filter(matches)) this.#writer.write(response, line('ADDED', object));
      this.#writer.write(response, bookmarkOf(objects, this.#versions.last, { 'k8s.io/initial-events-end': 'true' }));
    } else {
      for (const change of objects.since(Number(from ?? this.#versions.last))) {
        const seen = seenBy(matches, change);
        if (seen !== undefined) this.#writer.write(response, line(seen.type, seen.object));
      }
    }
    const watch = { plural, response, matches, waiting: [] };
    this.#watches.add(watch);
    response.once('close', () => {
      this.#watches.delete(watch);
      this.#wake();
    });
    this.#wake();
  }

  #tellWatches(plural: string, change: Change): void {
    for (const watch of this.#watches) {
      const seen = watch.plural === plural ? seenBy(watch.matches, change) : undefined;
      if (seen === undefined) continue;
      const text = line(seen.type, seen.object);
      if (this.faults.held.has(plural)) watch.waiting.push(text);
      else if (!this.faults.stalled) this.#writer.write(watch.response, text);
    }
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}
