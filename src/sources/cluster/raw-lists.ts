/**
 * Objects as an API server has them, unread, for readers that want every field and kinds that routing does not know.
 *
 * @module
 */
import { isRecord } from '../../kube/record.ts';
import { at, failureOf, loadError, RequestFailure, textAt } from './failure.ts';
import { type ApiResource, apiVersionOf, pathOf } from './kinds.ts';
import type { KubeconfigChoice } from './kubeconfig.ts';
import { ListScanner } from './list-scanner.ts';
import { DEFAULT_TIMINGS } from './options.ts';
import { listQuery } from './queries.ts';
import { Transport } from './transport.ts';

const PAGE_SIZE = 500;

export interface RawObjects {
  /** The kubeconfig's context, for the user. */
  readonly context: string;
  /** Each with its apiVersion and kind, which the items of a list leave out. */
  readonly objects: readonly Readonly<Record<string, unknown>>[];
}

export interface RawChoice extends KubeconfigChoice {
  /** Those that a cluster does not have (custom resources, most of all) count as empty. */
  readonly resources: readonly ApiResource[];
  /** undefined: all namespaces. Kinds without a namespace are not concerned. */
  readonly namespace?: string | undefined;
}

/**
 * One list of each resource.
 *
 * @throws SWB_KUBECONFIG, SWB_CLUSTER_UNREACHABLE, SWB_CLUSTER_REFUSED
 */
export async function readRawObjects(choice: RawChoice): Promise<RawObjects> {
  const transport = await Transport.open(choice);
  try {
    const lists = await Promise.all(choice.resources.map(resource => listOf(transport, resource, choice.namespace)));
    return { context: transport.contextName, objects: lists.flat() };
  } catch (error) {
    throw loadError(failureOf(error), transport.server);
  } finally {
    transport.close();
  }
}

async function listOf(
  transport: Transport,
  resource: ApiResource,
  namespace: string | undefined,
): Promise<Record<string, unknown>[]> {
  const path = pathOf(resource, namespace);
  const named = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const signal = new AbortController().signal;
  const found: Record<string, unknown>[] = [];
  let next: string | undefined;
  try {
    do {
      const scanner = new ListScanner(item => {
        if (isRecord(item)) found.push({ ...named, ...item });
      });
      const query = listQuery({}, { version: '', newest: true, pageSize: PAGE_SIZE, next });
      const asking = { path, query, signal, silenceMs: DEFAULT_TIMINGS.answerSilenceMs };
      for await (const chunk of transport.get(asking)) scanner.push(chunk);
      const meta = at(scanner.end(), 'metadata');
      if (meta === undefined) throw new RequestFailure('garbage', 'the server sent what is no list');
      next = textAt(meta, 'continue');
    } while (next !== undefined);
  } catch (error) {
    if (failureOf(error).reason === 'absent') return [];
    throw error;
  }
  return found;
}
