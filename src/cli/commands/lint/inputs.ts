import { SwitchboardError } from '../../../errors.ts';
import { manifestOfValues, type ParseOptions, parseManifest } from '../../../kube/manifest/index.ts';
import type { LintInput } from '../../../lint/index.ts';
import { findFiles, readManifestFile, readStream } from '../../../sources/manifests/index.ts';
import { noteWaiting } from '../../load.ts';
import type { LintFlags } from './flags.ts';

export interface LintInputs {
  readonly inputs: readonly LintInput[];
  /** Whether the inputs are complete. */
  readonly whole: boolean;
  /** The scope of inputs from a cluster: `in namespace shop`. */
  readonly where?: string;
}

/** @throws SWB_NO_INPUT, SWB_INPUT_NOT_FOUND, SWB_INPUT_TOO_LARGE, SWB_USAGE, SWB_KUBECONFIG, SWB_CLUSTER_UNREACHABLE, SWB_CLUSTER_REFUSED */
export async function readInputs(flags: LintFlags): Promise<LintInputs> {
  if (flags.against === 'cluster') return readCluster(flags);
  if (flags.filename.length === 0) {
    throw new SwitchboardError(
      'SWB_NO_INPUT',
      'no input: name a file, a folder, or - for standard input, or use --against cluster',
    );
  }
  const maxBytes = flags.maxInputMib * 1048576;
  const inputs = new Map<string, LintInput>();
  const add = (file: string, text: string) => {
    inputs.set(file, { file, text, manifest: parseManifest(text, parseOptions(flags)) });
  };
  for (const path of new Set(flags.filename)) {
    if (path === '-') add('stdin', await readStream(process.stdin, maxBytes));
    else {
      for (const file of await findFiles(path, flags.recursive)) add(file.path, await readManifestFile(file, maxBytes));
    }
  }
  return { inputs: [...inputs.values()], whole: false };
}

/** `3 files`, `the cluster kind-dev` */
export function nameOfInputs(flags: LintFlags, inputs: readonly LintInput[]): string {
  if (flags.against === 'cluster') {
    const within = namespaceOf(flags) === undefined ? '' : `, namespace ${flags.namespace}`;
    return `the cluster ${inputs[0]?.file ?? ''}${within}`;
  }
  return `${inputs.length} ${inputs.length === 1 ? 'file' : 'files'}`;
}

async function readCluster(flags: LintFlags): Promise<LintInputs> {
  if (flags.filename.length > 0) {
    throw new SwitchboardError('SWB_USAGE', '-f and --against cluster exclude each other: use one of them');
  }
  const { LINT_RESOURCES, readRawObjects } = await import('../../../sources/cluster/index.ts');
  const namespace = namespaceOf(flags);
  const { context, objects } = await readRawObjects({
    // A user with access to one namespace may lack access to cluster-scoped resources.
    resources: LINT_RESOURCES.filter(resource => namespace === undefined || resource.namespaced),
    namespace,
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    onWaiting: noteWaiting,
  });
  const input = { file: context, text: '', manifest: manifestOfValues(objects, parseOptions(flags)) };
  if (namespace === undefined) return { inputs: [input], whole: true };
  return { inputs: [input], whole: false, where: `in namespace ${namespace}` };
}

function namespaceOf(flags: LintFlags): string | undefined {
  return flags.allNamespaces ? undefined : flags.namespace;
}

function parseOptions(flags: LintFlags): ParseOptions {
  return { primaryFamily: 'IPv4', defaultNamespace: flags.namespace ?? 'default', keepValues: true };
}
