import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../kube/index.ts';
import { hostnameOf, type Mount } from '../../pods/index.ts';
import { nameFiles } from './name-files.ts';
import { DNS_ADDRESS } from './router.ts';

/** libc asks the cache daemon first, which resolves names outside of the pod. */
const NSCD = '/var/run/nscd';

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

/** Writes the files of a pod to its folder. @returns what covers what */
export async function writePodFiles(folder: string, pod: Pod, ip: string, domain: string): Promise<Mount[]> {
  await mkdir(folder, { recursive: true });
  const mounts: Mount[] = [];
  const put = async (to: string, content: string): Promise<void> => {
    // What the machine lacks cannot be covered.
    if (!existsSync(to)) return;
    const from = join(folder, to.replaceAll('/', '_'));
    await writeFile(from, content, { mode: 0o644 });
    mounts.push({ from, to, readOnly: false, extensible: false });
  };
  const search = { namespace: pod.meta.namespace, domain };
  const old = existsSync('/etc/nsswitch.conf') ? readFileSync('/etc/nsswitch.conf', 'utf8') : undefined;
  const { resolvConf, nsswitch } = nameFiles(DNS_ADDRESS, search, old);
  await put('/etc/hosts', hostsFile(pod, ip, domain));
  await put('/etc/hostname', `${hostnameOf(pod)}\n`);
  await put('/etc/resolv.conf', resolvConf);
  if (nsswitch !== undefined) await put('/etc/nsswitch.conf', nsswitch);
  if (existsSync(NSCD)) {
    await mkdir(join(folder, 'nscd'), { recursive: true });
    mounts.push({ from: join(folder, 'nscd'), to: NSCD, readOnly: false, extensible: false });
  }
  return mounts;
}
