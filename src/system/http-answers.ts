/**
 * HTTP for health checks and metrics: GET by path.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../errors.ts';
import type { SocketAddress } from '../net/index.ts';
import { listen } from './listen/index.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** undefined: not found. */
export type Answers = (path: string, query: URLSearchParams) => Answer | Promise<Answer> | undefined;

/** Serves GET by path. @throws the system's error if the address cannot be bound */
export async function serve(at: SocketAddress, answers: Answers): Promise<Server> {
  const server = createServer((request, response) => {
    respond(request, response, answers).catch((error: unknown) => {
      // A failed answer must not end a program that carries traffic.
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${messageOf(error)}\n`);
    });
  });
  server.requestTimeout = 5_000;
  // A connection that cannot be accepted must not end the program; the next one may succeed.
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
