import { rawAt } from '../kinds/index.ts';
import { type PodGroup, servingContainers } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';

const FIRST_UNPRIVILEGED = 1024;

export const r43: Rule = {
  id: 'R43',
  title: 'a container that does not run as root listens on a port below 1024',
  confidence: 'likely',
  *check(context) {
    for (const group of context.groups.all) {
      if (group.ends || opensLowPorts(group)) continue;
      const targets = context.targets(group);
      if (targets.length === 0) continue;
      for (const { container, field, raw } of servingContainers(group)) {
        for (const [index, port] of container.ports.entries()) {
          const target = targets.find(t => t.target === port.containerPort);
          if (port.containerPort >= FIRST_UNPRIVILEGED || target === undefined) continue;
          if (!isNotRoot(raw, group.rawSpec) || mayBind(raw)) continue;
          const high = port.containerPort + 8000;
          yield {
            subject: group.subject,
            field: `${field}.ports[${index}].containerPort`,
            message: `Container "${container.name}" of ${group.owner} does not run as root and listens on ${port.containerPort}; on many nodes a port below ${FIRST_UNPRIVILEGED} needs the capability NET_BIND_SERVICE.`,
            fix: `Let the app listen on ${high} and set targetPort: ${high}; Service ${target.entry.object.meta.name} keeps port: ${target.port.port} for its clients.`,
          };
        }
      }
    }
  },
};

function isNotRoot(container: unknown, spec: unknown): boolean {
  const setting = (name: string) => rawAt(container, 'securityContext', name) ?? rawAt(spec, 'securityContext', name);
  const user = setting('runAsUser');
  return typeof user === 'number' ? user > 0 : setting('runAsNonRoot') === true;
}

function mayBind(container: unknown): boolean {
  const added = rawAt(container, 'securityContext', 'capabilities', 'add');
  const privileged = rawAt(container, 'securityContext', 'privileged') === true;
  return (
    privileged || (Array.isArray(added) && added.some(name => /^(CAP_)?NET_BIND_SERVICE$|^ALL$/.test(String(name))))
  );
}

function opensLowPorts(group: PodGroup): boolean {
  const sysctls = rawAt(group.rawSpec, 'securityContext', 'sysctls');
  return Array.isArray(sysctls) && sysctls.some(item => rawAt(item, 'name') === 'net.ipv4.ip_unprivileged_port_start');
}
