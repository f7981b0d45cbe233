/**
 * Shared by R50, R51 and R58: addresses of Services in environment, arguments and ConfigMaps. Conservative: only text
 * that can hardly be anything else counts as an address.
 *
 * @module
 */
import type { EnvVar, Service } from '../../kube/index.ts';
import { type Entry, type LintContext, type PodGroup, perContext } from '../context.ts';
import type { Subject } from '../finding.ts';
import { rawAt, rawField } from '../kinds/index.ts';

export interface Mention {
  readonly subject: Subject;
  readonly field: string;
  /** The namespace in which a short name is looked up. */
  readonly from: string;
  /** The text of the address, as written. */
  readonly text: string;
  readonly service: string;
  readonly namespace: string;
  /** The text contains the namespace. */
  readonly qualified: boolean;
  readonly port: number | undefined;
  /** undefined: no such Service among the inputs. */
  readonly entry: Entry<Service> | undefined;
}

interface Address {
  readonly host: string;
  readonly port: number | undefined;
  readonly text: string;
}

const URL =
  /\b(https?|grpcs?|tcp|redis|rediss|amqps?|postgres(?:ql)?|mysql|mongodb|nats|wss?):\/\/(?:[^\s/@"']*@)?([a-z0-9][a-z0-9.-]*)(?::(\d{1,5}))?(?=[/\s"',;?]|$)/g;
const CLUSTER_NAME =
  /(?<![\w.$(){}%*/@-])([a-z0-9][a-z0-9.-]*\.svc(?:\.cluster\.local)?)\.?(?::(\d{1,5}))?(?![\w.{$-])/g;
const HOST_AND_PORT = /^([a-z][a-z0-9.-]*):(\d{2,5})$/;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

export const mentions = perContext((context): readonly Mention[] => [...find(context)]);

function* find(context: LintContext): Generator<Mention> {
  const seen = new Set<string>();
  for (const { place, address } of addresses(context)) {
    const mention = resolve(context, place, address);
    const key = mention && `${place.subject.kind} ${place.from}/${place.subject.name} ${place.field} ${mention.text}`;
    if (mention === undefined || key === undefined || seen.has(key)) continue;
    seen.add(key);
    yield mention;
  }
}

type Place = Pick<Mention, 'subject' | 'field' | 'from'>;

function* addresses(context: LintContext): Generator<{ place: Place; address: Address }> {
  for (const group of context.groups.all) {
    const from = group.pod.meta.namespace;
    const aliases = aliasesOf(group);
    for (const name of ['containers', 'initContainers'] as const) {
      for (const [index, container] of group.pod.spec[name].entries()) {
        const base = `${group.specPath}.${name}[${index}]`;
        for (const [at, env] of container.env.entries()) {
          const place = { subject: group.subject, field: `${base}.env[${at}].value`, from };
          for (const address of inEnv(env, container.env)) {
            if (!aliases.has(address.host)) yield { place, address };
          }
        }
        for (const list of ['command', 'args'] as const) {
          for (const [at, word] of container[list].entries()) {
            const place = { subject: group.subject, field: `${base}.${list}[${at}]`, from };
            const value = word.slice(word.indexOf('=') + 1);
            for (const address of inText(value, 'whole')) {
              if (!aliases.has(address.host)) yield { place, address };
            }
          }
        }
      }
    }
  }
  for (const { object, subject } of context.inventory.of('ConfigMap')) {
    for (const [key, value] of Object.entries(object.data)) {
      const place = { subject, field: `data[${key}]`, from: object.meta.namespace };
      for (const address of inText(value, 'part')) yield { place, address };
    }
  }
}

/** Names in the pod's own hosts file. */
function aliasesOf(group: PodGroup): ReadonlySet<string> {
  const aliases = rawField(rawAt(group.rawSpec, 'hostAliases')).items();
  return new Set(aliases.flatMap(alias => alias.child('hostnames').strings()));
}

/** `http://api:8080`, `api:8080`, or `API_HOST=api` with `API_PORT=8080` beside it. */
function* inEnv(env: EnvVar, all: readonly EnvVar[]): Generator<Address> {
  if (env.source.kind !== 'value' || /IMAGE|VERSION|TAG/.test(env.name)) return;
  const { value } = env.source;
  const prefix = /^(.+)_(?:HOST|HOSTNAME|ADDR)$/.exec(env.name)?.[1];
  if (prefix !== undefined && /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$/.test(value)) {
    const source = all.find(other => other.name === `${prefix}_PORT`)?.source;
    const port = source?.kind === 'value' && /^\d+$/.test(source.value) ? Number(source.value) : undefined;
    yield { host: value, port, text: port === undefined ? value : `${value}:${port}` };
  } else yield* inText(value, 'whole');
}

/** `whole`: the text is one address or a list of them. `part`: it is a file that contains addresses. */
function* inText(text: string, extent: 'whole' | 'part'): Generator<Address> {
  if (!text.includes(':') && !text.includes('.svc')) return;
  for (const [found, scheme = '', host = '', port] of text.matchAll(URL)) {
    const implied = extent === 'whole' ? DEFAULT_PORTS[scheme] : undefined;
    yield { host, port: port === undefined ? implied : Number(port), text: found };
  }
  for (const [found, host = '', port] of text.matchAll(CLUSTER_NAME)) {
    yield { host, port: port === undefined ? undefined : Number(port), text: found };
  }
  if (extent === 'part') return;
  for (const item of text.split(',')) {
    const [, host, port] = HOST_AND_PORT.exec(item.trim()) ?? [];
    if (host !== undefined) yield { host, port: Number(port), text: item.trim() };
  }
}

function resolve(context: LintContext, place: Place, address: Address): Mention | undefined {
  const parts = address.host.replace(/\.$/, '').split('.');
  const at = parts.indexOf('svc');
  const { from } = place;
  const found = (service: string, namespace: string, qualified: boolean): Mention => {
    const { port, text } = address;
    return { ...place, text, service, namespace, qualified, port, entry: context.service(namespace, service) };
  };
  const [first = '', second = ''] = parts;
  if (at === 2) return found(first, second, true);
  // pod.service.namespace.svc: a pod of a headless Service; ports are the pod's own.
  if (at === 3) return undefined;
  if (parts.length === 1) {
    return first === 'localhost' || /^\d+$/.test(first) ? undefined : found(first, from, false);
  }
  if (parts.length === 2 && context.service(from, second) === undefined && context.servicesIn(second).length > 0) {
    return found(first, second, true);
  }
  return undefined;
}
