import type { SkippedPod } from '../../endpoints/index.ts';

export interface SkippedPodText {
  readonly why: string;
  readonly fix: string;
  /** The name to set targetPort to, if that is the fix. */
  readonly targetPort?: string;
}

/** Why a pod is not an endpoint, or an unready one, and what to do about it. */
export function skippedPodText(skipped: SkippedPod): SkippedPodText {
  switch (skipped.reason) {
    case 'finished':
      return { why: `ended (phase ${skipped.phase})`, fix: 'start it again, or delete it' };
    case 'no-address':
      return {
        why: 'no address (status.podIP)',
        fix: `run it with switchboard up --run, or name where it listens: switchboard up --pod ${skipped.pod}=127.0.0.1:PORT`,
      };
    case 'no-address-of-family': {
      const { family, podIPs } = skipped;
      return {
        why: `no ${family} address (status.podIPs: ${podIPs.join(', ')})`,
        fix: `give the pod an ${family} address, or remove ${family} from the Service's ipFamilies`,
      };
    }
    case 'node-missing': {
      const { nodeName } = skipped;
      return nodeName === undefined
        ? { why: 'on no node', fix: 'set spec.nodeName' }
        : {
            why: `on node "${nodeName}", which does not exist`,
            fix: `add the Node "${nodeName}" to the inputs, or correct spec.nodeName`,
          };
    }
    case 'port-name-missing':
      return missingPortText(skipped);
    case 'not-ready':
      return {
        why: skipped.message === undefined ? 'not ready' : `not ready, ${skipped.message}`,
        fix: "check the pod's output and its readinessProbe",
      };
  }
}

function missingPortText({
  protocol,
  wanted,
  declared,
}: Extract<SkippedPod, { reason: 'port-name-missing' }>): SkippedPodText {
  const ofOtherProtocol = declared.find(candidate => candidate.name === wanted);
  if (ofOtherProtocol !== undefined) {
    return {
      why: `its port "${wanted}" is for ${ofOtherProtocol.protocol}, but the Service uses ${protocol}`,
      fix: `set protocol: ${ofOtherProtocol.protocol} on the Service port, or ${protocol} on the container port`,
    };
  }
  const names = declared.map(port => `"${port.name}" (${port.containerPort}/${port.protocol})`).join(', ');
  const why = `no ${protocol} port called "${wanted}"; it has ${names === '' ? 'no named ports' : names}`;
  const [first] = declared;
  return first === undefined
    ? { why, fix: `name a container port "${wanted}", or set targetPort to a number` }
    : {
        why,
        fix: `set targetPort: ${first.name}, or name the container port "${wanted}"`,
        targetPort: first.name,
      };
}
