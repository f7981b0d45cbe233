import type { Pod } from '../../kube/index.ts';
import { hostnameOf } from '../hostname.ts';

/** The fully qualified name of a pod with a subdomain; undefined without. */
function domainNameOf(pod: Pod, domain: string): string | undefined {
  const { subdomain } = pod.spec;
  return subdomain === undefined ? undefined : `${hostnameOf(pod)}.${subdomain}.${pod.meta.namespace}.svc.${domain}`;
}

/** /etc/hosts as the kubelet writes it (`managedHostsFileContent`). */
export function hostsFile(pod: Pod, ip: string, domain: string): string {
  const names = [domainNameOf(pod, domain), hostnameOf(pod)].filter(name => name !== undefined);
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    [ip, ...names].join('\t'),
    ...aliasLines(pod),
  ];
  return `${lines.join('\n')}\n`;
}

function aliasLines({ spec }: Pod): string[] {
  const aliases = spec.run?.hostAliases ?? [];
  if (aliases.length === 0) return [];
  return ['', '# Entries added by HostAliases.', ...aliases.map(({ ip, hostnames }) => [ip, ...hostnames].join('\t'))];
}
