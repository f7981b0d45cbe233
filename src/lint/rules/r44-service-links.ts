import type { Container } from '../../kube/index.ts';
import { servingContainers } from '../pod-groups.ts';
import type { Rule } from '../rule.ts';

/** Images whose program reads `<NAME>_PORT` and fails if it is not a number. */
const READS: readonly [image: RegExp, variable: string][] = [
  [/(^|\/)(cp-)?schema-registry(:|@|$)/, 'SCHEMA_REGISTRY_PORT'],
  [/(^|\/)cp-(server|kafka)(:|@|$)/, 'KAFKA_PORT'],
  [/(^|\/)cp-kafka-rest(:|@|$)/, 'KAFKA_REST_PORT'],
  [/(^|\/)neo4j(:|@|$)/, 'NEO4J_PORT'],
];

export const r44: Rule = {
  id: 'R44',
  title: 'a Service sets a variable to an address where the app expects a port number',
  confidence: 'likely',
  *check(context) {
    for (const group of context.groups.all) {
      if (!group.pod.spec.enableServiceLinks) continue;
      const { namespace } = group.pod.meta;
      for (const { container, field } of servingContainers(group)) {
        for (const { variable, field: at } of portVariables(container)) {
          const name = variable
            .replace(/_PORT$/, '')
            .toLowerCase()
            .replaceAll('_', '-');
          const entry = context.service(namespace, name);
          if (entry === undefined || entry.object.headless || entry.object.type === 'ExternalName') continue;
          if (container.env.some(env => env.name === variable) || container.envFrom.length > 0) continue;
          const [port] = entry.object.ports;
          yield {
            subject: group.subject,
            field: `${field}${at}`,
            message: `Container "${container.name}" of ${group.owner} reads ${variable}. Service ${name} is in the same namespace, so Kubernetes sets ${variable}=${port?.protocol.toLowerCase() ?? 'tcp'}://ADDRESS:${port?.port ?? 'PORT'}, which is not a number.`,
            fix: `Set enableServiceLinks: false in the pod's spec, or set ${variable} yourself in env of "${container.name}".`,
            patch: [{ op: 'add', path: `/${group.specPath.replaceAll('.', '/')}/enableServiceLinks`, value: false }],
          };
        }
      }
    }
  },
};

/** Yields each `FOO_PORT` that the image is known to read, or that the command or args refer to. */
function* portVariables(container: Container): Generator<{ variable: string; field: string }> {
  for (const [image, variable] of READS) {
    if (image.test(container.image ?? '')) yield { variable, field: '.image' };
  }
  // `${X#tcp://}` and similar expansions handle an address.
  const reference =
    /\$(?:\(([A-Z][A-Z0-9_]*_PORT)\)|\{([A-Z][A-Z0-9_]*_PORT)(?:\}|:-)|([A-Z][A-Z0-9_]*_PORT)(?![A-Z0-9_]))/g;
  for (const list of ['command', 'args'] as const) {
    for (const [index, text] of container[list].entries()) {
      for (const match of text.matchAll(reference)) {
        const variable = match[1] ?? match[2] ?? match[3] ?? '';
        // `*_SERVICE_PORT` is a number, and a script may set the variable itself.
        if (!variable.endsWith('_SERVICE_PORT') && !text.includes(`${variable}=`))
          yield { variable, field: `.${list}[${index}]` };
      }
    }
  }
}
