import type { ContainerLimits, ContainerMount, ContainerSpec, Image } from '../engine/index.ts';
import {
  type Container,
  divideQuantity,
  type Pod,
  parseQuantity,
  type Quantity,
  quantityValue,
} from '../kube/index.ts';
import type { ContainerConfig } from '../pods/index.ts';
import { type Allowed, securityOf, userOf } from './security.ts';

export interface SpecInputs {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly pod: Pod;
  readonly container: Container;
  readonly config: ContainerConfig;
  readonly image: Image;
  /** The container that holds the pod's network. */
  readonly sandbox: string;
  readonly mounts: readonly ContainerMount[];
  readonly allowed: Allowed;
}

/** What to create a pod's container from. @throws SWB_POD_CONFIG */
export function containerSpec(inputs: SpecInputs): ContainerSpec {
  const { name, labels, pod, container, config, image, sandbox, mounts, allowed } = inputs;
  const user = userOf(container, pod, image);
  const stopSignal = container.run?.stopSignal;
  return {
    name,
    image: image.id,
    labels,
    // A command drops the image's entrypoint and its arguments; args alone replace only those.
    ...(config.command.length > 0 ? { entrypoint: config.command, cmd: config.args } : {}),
    ...(config.command.length === 0 && config.args.length > 0 ? { cmd: config.args } : {}),
    env: config.env,
    ...(user === undefined ? {} : { user }),
    ...(config.workingDir === undefined ? {} : { workingDir: config.workingDir }),
    network: { kind: 'join', container: sandbox },
    ipc: { kind: 'join', container: sandbox },
    ...(pod.spec.run?.shareProcessNamespace === true ? { pid: { kind: 'join', container: sandbox } as const } : {}),
    mounts,
    security: securityOf(container, pod, allowed),
    limits: limitsOf(container),
    ...(stopSignal === undefined ? {} : { stopSignal }),
  };
}

/** As the kubelet asks its runtime: a share of 1024 for each requested CPU, and no less than 2. */
function limitsOf({ run }: Container): ContainerLimits {
  const memory = run?.limits.memory;
  const cpu = run?.limits.cpu;
  const requested = run?.requests.cpu;
  return {
    ...(memory === undefined ? {} : { memoryBytes: Number(quantityValue(memory)) }),
    ...(cpu === undefined ? {} : { nanoCpus: milliOf(cpu) * 1_000_000 }),
    ...(requested === undefined
      ? {}
      : { cpuShares: Math.max(MIN_SHARES, Math.floor((milliOf(requested) * 1024) / 1000)) }),
  };
}

const MIN_SHARES = 2;
const MILLI = parseQuantity('1m');

function milliOf(cpu: Quantity): number {
  return MILLI === undefined ? 0 : Number(divideQuantity(cpu, MILLI));
}
