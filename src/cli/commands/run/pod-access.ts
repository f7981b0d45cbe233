import { type ContainerView, guestPod, type PodPlace } from '../../../pods/index.ts';
import { HTTP_PORT, type NameProxy, openNameProxy, proxyEnvironment } from '../../../run/index.ts';
import { hasProgram } from '../../../system/index.ts';
import type { Up } from '../../../up/index.ts';
import type { PodSide } from '../../pod-side/side.ts';
import type { RunFlags } from './flags.ts';
import { withReachableProxies } from './own-proxies.ts';
import type { Access } from './session.ts';

/** Runs the command at a place of its own among the pods: it reaches what they reach, by the same names. */
export function podAccess(up: Up, side: PodSide, flags: RunFlags): Access {
  const { namespace = 'default', clusterDomain: domain } = flags;
  const place = side.network.place(guestPod(namespace, 'run'));
  let proxy: NameProxy | undefined;
  let view: ContainerView | undefined;
  return {
    open: async () => {
      await side.serveNames(up, domain, undefined);
      await place.open();
      if (place.programs.kind === 'processes') view = await place.programs.view([]);
      proxy = flags.outside ? await openOutside(side, place) : undefined;
    },
    environment: own => {
      const direct = serviceNames(up, namespace, domain);
      return {
        ...withReachableProxies(own, side.outward, direct),
        ...(proxy === undefined ? {} : proxyEnvironment(proxy, direct, place.hostIP)),
      };
    },
    command: words => {
      // A program that does not exist is started as it is, for the system's own error.
      const isThere = hasProgram(words[0] ?? '', process.env.PATH, process.cwd());
      return isThere && view !== undefined ? view.launch(words, process.cwd()) : { words, cwd: process.cwd() };
    },
    close: async () => {
      proxy?.close();
      await view?.close();
      await place.close();
      await side.close();
    },
  };
}

/** A proxy to the network outside, which other programs of the command's network cannot know. */
function openOutside({ host }: PodSide, { hostIP }: PodPlace): Promise<NameProxy> | undefined {
  if (host === undefined) return undefined;
  const locate = (address: string, port = HTTP_PORT) => {
    return { kind: 'through', connect: host.connectTcp, to: { address, port } } as const;
  };
  return openNameProxy(locate, { at: { address: hostIP, port: 0 } });
}

/** Names that resolve here and so need no proxy; programs apply each to its subdomains, too. */
function serviceNames(up: Up, namespace: string, domain: string): string[] {
  const names = [`.${domain}`, '.svc'];
  for (const { meta } of up.world.store.services()) {
    names.push(`${meta.name}.${meta.namespace}`);
    if (meta.namespace === namespace) names.push(meta.name);
  }
  return names;
}
