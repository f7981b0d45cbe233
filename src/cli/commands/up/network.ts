import { mkdirSync, rmSync } from 'node:fs';
import type { Engine } from '../../../engine/index.ts';
import { messageOf, SwitchboardError } from '../../../errors.ts';
import { giveUp } from '../../../gateway/index.ts';
import { type NetworkSockets, ownNetwork } from '../../../system/index.ts';
import type { Place } from '../../again.ts';
import { defaultName } from '../../instances.ts';
import { cidrFlag } from '../../node-facts.ts';
import { planeNoticeBesideTable } from '../../notices.ts';
import type { EngineSide } from '../../pod-side/engine.ts';
import { hostOutside } from '../../pod-side/host.ts';
import { DEFAULT_POD_CIDR, namespacesSide } from '../../pod-side/namespaces.ts';
import { type Elsewhere, type PodSide, sharedSide } from '../../pod-side/side.ts';
import type { StopSignals } from '../../signals.ts';
import { message } from '../../terminal.ts';
import type { UpFlags } from './flags.ts';
import { buildOf } from './pod-settings.ts';
import type { PodsPlan } from './pods-plan.ts';

/** A process that serves. */
export type ServingPlace = Exclude<Place, { readonly kind: 'ended' }>;

export interface RunningPods {
  readonly plan: PodsPlan;
  readonly place: ServingPlace;
}

/**
 * Prepares the networks of the pods and prints which they are, and why.
 *
 * @throws SWB_POD_NETWORK, SWB_NFT_... with `--network namespaces`, SWB_USAGE, SWB_ENGINE, SWB_GATEWAY
 */
export async function podSide(flags: UpFlags, pods: RunningPods, stop: StopSignals): Promise<PodSide> {
  const { place, plan } = pods;
  const { engine, mode } = plan;
  if (place.kind === 'shared') {
    const side = sharedSide();
    if (engine === undefined || mode === undefined) {
      if (mode !== undefined) {
        const what = "pods share this machine's network, and two that bind one port collide";
        message(`network: shared (${place.why}): ${what}`);
      }
      return side;
    }
    const { startEngineReaper } = await import('../../pod-side/engine-reaper.ts');
    const done = startEngineReaper(engine, plan.session, process.pid);
    const containers = await openContainers(flags, plan, {
      ...{ engine, instance: process.pid, host: ownNetwork, connect: side.connect },
      onClosed: done,
      signal: stop.signal,
    });
    const { mixedSide } = await import('../../pod-side/mixed.ts');
    const { facts, endpoint } = engine;
    message(`network: engine (${facts.name} ${facts.version} at ${endpoint}: each pod has an address of its own)`);
    if (plan.processes) message(`pods that run as processes share this machine's network (${place.why})`);
    return mixedSide(mode, side, containers);
  }
  stop.ignoreOwn();
  const [podCidr] = flags.clusterCidr?.split(',') ?? [];
  const host = hostOutside(place.entered, () => stop.pass());
  // The pods of an engine are known once its network is open, which needs the side of the processes.
  const elsewhere = new LaterElsewhere();
  try {
    const side = await namespacesSide({
      entered: place.entered,
      podCidr: podCidr === undefined ? DEFAULT_POD_CIDR : cidrFlag('--cluster-cidr', podCidr),
      serviceCidrs: flags.serviceCidr.split(',').map(text => cidrFlag('--service-cidr', text)),
      clusterDomain: flags.clusterDomain,
      host,
      engine: elsewhere,
      log: planeNoticeBesideTable,
    });
    message('network: namespaces (each pod has its own address, and all ports)');
    if (engine === undefined || mode === undefined) return side;
    const containers = await openContainers(flags, plan, {
      ...{ engine, instance: place.entered.pid, host: host.sockets, connect: side.connect },
      // The process outside has started a reaper.
      onClosed: () => undefined,
      signal: stop.signal,
    });
    elsewhere.set(containers.elsewhere);
    const { mixedSide } = await import('../../pod-side/mixed.ts');
    message(`pods with images run in ${engine.facts.name} ${engine.facts.version} (${engine.endpoint})`);
    return mixedSide(mode, side, containers);
  } catch (error) {
    if (flags.network !== 'auto' || !SwitchboardError.is(error)) throw error;
    if (['SWB_USAGE', 'SWB_ENGINE', 'SWB_GATEWAY', 'SWB_IMAGE'].includes(error.code)) throw error;
    return giveUp(error.message);
  }
}

/** Knows no address until it is set. */
class LaterElsewhere implements Elsewhere {
  #elsewhere: Elsewhere | undefined;

  set(elsewhere: Elsewhere): void {
    this.#elsewhere = elsewhere;
  }

  contains(address: string): boolean {
    return this.#elsewhere?.contains(address) ?? false;
  }

  get reach(): NonNullable<Elsewhere['reach']> | undefined {
    return this.#elsewhere?.reach;
  }
}

interface ContainersPlace extends Pick<PodSide, 'connect'> {
  readonly engine: Engine;
  /** The pid by which the user knows this instance. */
  readonly instance: number;
  readonly host: NetworkSockets;
  readonly onClosed: () => void;
  /** Ends an opening that is under way. */
  readonly signal: AbortSignal;
}

async function openContainers(flags: UpFlags, { session }: PodsPlan, place: ContainersPlace): Promise<EngineSide> {
  const { engine, instance, host, connect, onClosed, signal } = place;
  const { engineSide } = await import('../../pod-side/engine.ts');
  const { ownerOfInstance, sweepSession, folderOfInstance } = await import('../../pod-side/engine-objects.ts');
  const { gatewayImage } = await import('../../../gateway/engine/index.ts');
  const owner = await ownerOfInstance(flags.name ?? defaultName(flags.filename), instance, session);
  for (const text of flags.build) {
    const { folder, override } = buildOf(text);
    message(`building ${override.image} from ${folder}`);
    await engine.images.build(folder, { tag: override.image, signal, onLine: line => flags.verbose && message(line) });
  }
  const folder = folderOfInstance(instance);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const side = await engineSide({
    ...{ engine, owner, instance, host, connect, folder, signal },
    image: await gatewayImage(engine, { image: flags.gatewayImage, report: message, signal }),
    clusterDomain: flags.clusterDomain,
    pull: flags.pull,
    allowed: new Set(flags.allowPrivileged ? ['privileged'] : []),
  });
  return {
    ...side,
    close: async () => {
      try {
        await side.close();
        // What a container left that could not be removed at its time, for example.
        await sweepSession(engine, session);
        onClosed();
      } catch (error) {
        message(`warning: containers are left in the engine: ${messageOf(error)}; remove them with switchboard down`);
      }
      rmSync(folder, { recursive: true, force: true });
      await engine.close();
    },
  };
}
