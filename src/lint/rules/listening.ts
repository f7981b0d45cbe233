/** Shared by R45 and R46: flags and variables that configure the port or address on which a container listens. */
import type { Container } from '../../kube/index.ts';

export interface ListenSetting {
  /** As in the manifest: `--port=3000`, `PORT=3000`. */
  readonly text: string;
  readonly field: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
}

const PORT_ENV = /^(PORT|HTTP_PORT|SERVER_PORT|LISTEN_PORT|APP_PORT)$/;
const HOST_ENV =
  /^(HOST|BIND|BIND_ADDRESS|BIND_ADDR|LISTEN|LISTEN_ADDRESS|LISTEN_ADDR|ADDRESS|SERVER_ADDRESS|HTTP_ADDR|ASPNETCORE_URLS)$/;
const PORT_FLAG = /^--?(port|http-port|listen-port|server-port)$/;
const HOST_FLAG =
  /^--?(host|hostname|bind|bind-address|bind-addr|bind_ip|listen|listen-address|listen-addr|address|addr|http-address|web\.listen-address)$/;

/** Returns one entry for each flag or variable that names a port or an address. */
export function listenSettings(container: Container, field: string): ListenSetting[] {
  return [...fromEnv(container, field), ...fromFlags(container, field)];
}

function fromEnv(container: Container, field: string): ListenSetting[] {
  return container.env.flatMap(({ name, source }, index) => {
    if (source.kind !== 'value') return [];
    const at = `${field}.env[${index}].value`;
    const text = `${name}=${source.value}`;
    if (PORT_ENV.test(name)) return [{ text, field: at, host: undefined, port: number(source.value) }];
    return HOST_ENV.test(name) ? [{ text, field: at, ...address(source.value) }] : [];
  });
}

/** `--port=1`, `--port 1`, in args, or in command after the program's name. */
function fromFlags(container: Container, field: string): ListenSetting[] {
  const all: ListenSetting[] = [];
  for (const list of ['command', 'args'] as const) {
    const words = container[list];
    for (const [index, word] of words.entries()) {
      const equals = word.indexOf('=');
      const flag = equals === -1 ? word : word.slice(0, equals);
      const value = equals === -1 ? (words[index + 1] ?? '') : word.slice(equals + 1);
      const text = equals === -1 ? `${flag} ${value}` : word;
      const at = `${field}.${list}[${equals === -1 ? index + 1 : index}]`;
      if (PORT_FLAG.test(flag)) all.push({ text, field: at, host: undefined, port: number(value) });
      else if (HOST_FLAG.test(flag)) all.push({ text, field: at, ...address(value) });
    }
  }
  return all;
}

function number(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) ? Number(text) : undefined;
}

/** `127.0.0.1:80`, `localhost`, `:80`, `http://+:80`, `[::1]:80` */
function address(text: string): { host: string | undefined; port: number | undefined } {
  const match = /^(?:[a-z]+:\/\/)?(\[[0-9a-fA-F:]+\]|[^:/\s]*)(?::(\d{1,5}))?\/?$/.exec(text);
  if (match === null) return { host: undefined, port: undefined };
  return { host: match[1]?.replaceAll(/[[\]]/g, '') || undefined, port: number(match[2] ?? '') };
}

export function isLoopback(host: string | undefined): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host ?? '');
}
