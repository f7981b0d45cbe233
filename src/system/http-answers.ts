/**
 * The little HTTP that health checks and metrics need: GET by path.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../errors.ts';
import type { SocketAddress } from '../kube/address.ts';
import { listen } from './listen/index.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** undefined: there is nothing at that path. */
export type Answers = (path: string, query: URLSearchParams) => Answer | Promise<Answer> | undefined;

/** Serves GET by path. @throws the system's error if the address cannot be listened on */
export async function serve(at: SocketAddress, answers: Answers): Promise<Server> {
  const server = createServer((request, response) => {
    respond(request, response, answers).catch((error: unknown) => {
      // One answer that fails is no reason for a program that carries traffic to end.
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${messageOf(error)}\n`);
    });
  });
  server.requestTimeout = 5_000;
  // One connection that cannot be accepted is no reason to end; the next one may succeed.
  await listen(server, at, { dualStack: true, onError: () => undefined });
  server.unref();
  return server;
}

async function respond(request: IncomingMessage, response: ServerResponse, answers: Answers): Promise<void> {
  const [path = '/', query] = (request.url ?? '/').split('?');
  const asked = request.method === 'GET' || request.method === 'HEAD';
  const answer = asked ? await answers(path, new URLSearchParams(query)) : undefined;
  if (answer === undefined) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found\n');
    return;
  }
  response.writeHead(answer.status, { 'Content-Type': answer.type, ...answer.headers });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}
