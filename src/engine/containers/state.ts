import { numberOf, recordOf, recordsOf, textMapOf, textOf } from '../api/fields.ts';

/** A container as it is now. */
export interface Container {
  readonly id: string;
  readonly name: string;
  /** The id of its image. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: ContainerState;
  /** Address by name of the network. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly ports: readonly PortOnHost[];
}

export type ContainerState =
  | { readonly kind: 'created' }
  | { readonly kind: 'running'; readonly pid: number; readonly startedAt: string }
  | {
      readonly kind: 'exited';
      readonly exitCode: number;
      readonly oomKilled: boolean;
      /** The engine's reason if it could not start it. */
      readonly error: string;
      readonly startedAt: string;
      readonly finishedAt: string;
    };

export interface PortOnHost {
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostIp: string;
  readonly hostPort: number;
}

/** What a list tells of a container. */
export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
}

/** Reads the answer of `GET /containers/ID/json`. */
export function containerFrom(answer: unknown): Container {
  const fields = recordOf(answer);
  const network = recordOf(fields.NetworkSettings);
  return {
    id: textOf(fields.Id),
    name: textOf(fields.Name).replace(/^\//, ''),
    image: textOf(fields.Image),
    labels: textMapOf(recordOf(fields.Config).Labels),
    state: stateFrom(recordOf(fields.State)),
    addresses: Object.fromEntries(
      Object.entries(recordOf(network.Networks)).flatMap(([name, endpoint]) => {
        const address = textOf(recordOf(endpoint).IPAddress);
        return address === '' ? [] : [[name, address]];
      }),
    ),
    ports: portsFrom(recordOf(network.Ports)),
  };
}

/** Reads one item of `GET /containers/json`. */
export function listedFrom(fields: Readonly<Record<string, unknown>>): ListedContainer {
  const names = Array.isArray(fields.Names) ? fields.Names : [];
  return {
    id: textOf(fields.Id),
    name: textOf(names[0]).replace(/^\//, ''),
    labels: textMapOf(fields.Labels),
    running: textOf(fields.State) === 'running',
  };
}

/** By `Running` and the times: the words of `Status` differ between engines. */
function stateFrom(state: Readonly<Record<string, unknown>>): ContainerState {
  const startedAt = textOf(state.StartedAt);
  const finishedAt = textOf(state.FinishedAt);
  if (state.Running === true) return { kind: 'running', pid: numberOf(state.Pid), startedAt };
  const exitCode = numberOf(state.ExitCode);
  const error = textOf(state.Error);
  // Times before the epoch stand for "never".
  const ended = Date.parse(finishedAt) > 0;
  if (!ended && exitCode === 0 && error === '') return { kind: 'created' };
  return { kind: 'exited', exitCode, oomKilled: state.OOMKilled === true, error, startedAt, finishedAt };
}

function portsFrom(ports: Readonly<Record<string, unknown>>): readonly PortOnHost[] {
  return Object.entries(ports).flatMap(([key, bindings]) => {
    const [port = '', protocol = ''] = key.split('/');
    return recordsOf(bindings).map(binding => ({
      containerPort: Number(port),
      protocol: protocol.toUpperCase(),
      hostIp: textOf(binding.HostIp),
      hostPort: Number(textOf(binding.HostPort)),
    }));
  });
}
