/**
 * Unparsed objects of an API server, for readers that need every field, or kinds that routing does not use.
 *
 * @module
 */
import { isRecord } from '../../data/index.ts';
import { ApiError, apiErrorOf, at, loadError, textAt } from './api-error.ts';
import { type ApiResource, apiVersionOf, pathOf } from './kinds.ts';
import type { KubeconfigChoice } from './kubeconfig.ts';
import { ListScanner } from './list-scanner.ts';
import { DEFAULT_TIMINGS } from './options.ts';
import { listQuery } from './queries.ts';
import { Transport } from './transport.ts';

const PAGE_SIZE = 500;

export interface RawObjects {
  /** The kubeconfig's context, for messages. */
  readonly context: string;
  /** Each with its apiVersion and kind, which the items of a list leave out. */
  readonly objects: readonly Readonly<Record<string, unknown>>[];
}

export interface RawChoice extends KubeconfigChoice {
  /** A resource that the cluster does not have (typically a custom resource) counts as empty. */
  readonly resources: readonly ApiResource[];
  /** undefined: all namespaces. Does not affect cluster-scoped kinds. */
  readonly namespace?: string | undefined;
}

/**
 * Lists each resource once.
 *
 * @throws SWB_KUBECONFIG, SWB_CLUSTER_UNREACHABLE, SWB_CLUSTER_REFUSED
 */
export async function readRawObjects(choice: RawChoice): Promise<RawObjects> {
  const transport = await Transport.open(choice);
  try {
    const lists = await Promise.all(choice.resources.map(resource => listOf(transport, resource, choice.namespace)));
    return { context: transport.contextName, objects: lists.flat() };
  } catch (error) {
    throw loadError(apiErrorOf(error), transport.server);
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
  const typeMeta = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const signal = new AbortController().signal;
  const objects: Record<string, unknown>[] = [];
  let next: string | undefined;
  try {
    do {
      const scanner = new ListScanner(item => {
        if (isRecord(item)) objects.push({ ...typeMeta, ...item });
      });
      const query = listQuery({}, { version: '', newest: true, pageSize: PAGE_SIZE, next });
      const request = { path, query, signal, silenceMs: DEFAULT_TIMINGS.answerSilenceMs };
      for await (const chunk of transport.get(request)) scanner.push(chunk);
      const meta = at(scanner.end(), 'metadata');
      if (meta === undefined) throw new ApiError('garbage', 'the server did not send a list');
      next = textAt(meta, 'continue');
    } while (next !== undefined);
  } catch (error) {
    if (apiErrorOf(error).reason === 'absent') return [];
    throw error;
  }
  return objects;
}
