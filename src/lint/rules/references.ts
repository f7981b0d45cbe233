/** Shared by R60, R61, R63 and R72: an object that names a Service and one of its ports. */
import { resolveTargetPort } from '../../endpoints/index.ts';
import type { Service } from '../../kube/index.ts';
import type { LintContext } from '../context.ts';
import type { Problem, Subject } from '../finding.ts';
import { didYouMean, listed, nearest } from '../text.ts';

export interface Reference {
  readonly subject: Subject;
  /** The namespace and name of the Service, and the field that names it. */
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
}

/** @returns undefined if the Service exists */
export function missingService(context: LintContext, reference: Reference): Problem | undefined {
  const { subject, namespace, name, field } = reference;
  if (context.mayHaveService(namespace, name)) return undefined;
  const names = context.servicesIn(namespace).map(entry => entry.object.meta.name);
  const near = nearest(name, names);
  const elsewhere = context.services.find(entry => entry.object.meta.name === name)?.object.meta.namespace;
  const otherwise = near !== undefined || elsewhere !== undefined || names.length > 0 ? 'likely' : 'hint';
  const found = elsewhere === undefined ? didYouMean(near) : ` There is one in namespace "${elsewhere}".`;
  return {
    subject,
    field,
    confidence: context.missing(otherwise),
    message: `${subject.kind} ${subject.name} needs Service ${name} in namespace "${namespace}", but there is none${context.where}.${found}`,
    fix:
      elsewhere !== undefined
        ? `Move ${subject.kind} ${subject.name} to namespace "${elsewhere}", or add a Service ${name} to "${namespace}".`
        : near !== undefined
          ? `Write ${near}.`
          : `Add Service ${name} to namespace "${namespace}", or correct the name.`,
  };
}

/** Explains that a Service does not have a port, and which one was probably meant, for a finding. */
export function wrongPort(
  context: LintContext,
  service: Service,
  port: number | string,
): { readonly why: string; readonly right: string | undefined } {
  const ports = service.ports.map(p => (p.name === '' ? `${p.port}` : `${p.port} ("${p.name}")`));
  const groups = context.servingFor(service);
  const target = service.ports.find(
    p => p.targetPort === port || groups.some(group => resolveTargetPort(p, group.pod) === port),
  );
  const near =
    typeof port === 'string'
      ? nearest(
          port,
          service.ports.map(p => p.name).filter(n => n !== ''),
        )
      : undefined;
  const only = service.ports.length === 1 ? service.ports[0] : undefined;
  const intended = target ?? service.ports.find(p => p.name === near && near !== undefined) ?? only;
  const shown = typeof port === 'string' ? `"${port}"` : String(port);
  const targetHint = target === undefined ? '' : ` ${shown} is the pods' port behind ${target.port}.`;
  return {
    why: `Service ${service.meta.name} has no port ${shown}; it has ${listed(ports, 6)}.${targetHint}`,
    right:
      intended === undefined
        ? undefined
        : typeof port === 'string' && intended.name !== ''
          ? intended.name
          : String(intended.port),
  };
}

/** Returns the headless Service of a namespace whose name is nearest. */
export function nearestHeadless(context: LintContext, namespace: string, name: string): string | undefined {
  const headless = context.servicesIn(namespace).filter(entry => entry.object.headless);
  return nearest(
    name,
    headless.map(entry => entry.object.meta.name),
  );
}
