import { readFile } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { FILES } from './commands.ts';

const MAX_CONNECTIONS = 16;

export interface ApiResponse {
  readonly status: number;
  readonly json: unknown;
}

/** An administrator's requests to an API server, with kept connections. */
export class ApiClient {
  readonly #server: string;
  readonly #agent: Agent;
  readonly #token: string;

  private constructor(server: string, agent: Agent, token: string) {
    this.#server = server;
    this.#agent = agent;
    this.#token = token;
  }

  /** @param directory of a control plane whose API server has written its certificate */
  static async of(directory: string, port: number): Promise<ApiClient> {
    const ca = await readFile(join(directory, FILES.certificate));
    const token = (await readFile(join(directory, FILES.token), 'utf8')).trim();
    const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, ca });
    return new ApiClient(`https://127.0.0.1:${port}`, agent, token);
  }

  /** @returns the answer; `json` is the text itself where it is not JSON */
  request(method: string, path: string, body?: unknown): Promise<ApiResponse> {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': contentType };
    return new Promise((resolve, reject) => {
      const url = new URL(path, this.#server);
      const request = httpsRequest(url, { method, agent: this.#agent, headers }, response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, json: parse(text) });
        });
      });
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
