/**
 * All errors that Switchboard raises on purpose: a stable code and its meaning. `docs/errors.md` explains each one; a test
 * checks that the page and this table have the same codes.
 *
 * @module
 */

/** Code -> its meaning in one line. Codes never change their meaning and are never reused. */
export const ERROR_CODES = {
  SWB_INPUT_NOT_FOUND: 'a file or folder of -f does not exist or cannot be read',
  SWB_INPUT_TOO_LARGE: 'an input is larger than the size limit',
  SWB_INPUT_UNPARSABLE: 'an input is neither YAML nor JSON',
  SWB_OBJECT_INVALID: 'an object contains a value that the Kubernetes API would reject',
  SWB_NO_INPUT: 'there is no -f, or the inputs contain no object that Switchboard uses',
  SWB_USAGE: 'a flag or argument is invalid',
  SWB_NOT_FOUND: 'the named object is not among the inputs',
  SWB_LISTEN_FAILED: 'Switchboard cannot listen on an address and port',
  SWB_PORT_MOVED: 'a port is busy or not permitted, so another one is used',
  SWB_ADDRESS_EXHAUSTED: 'no free loopback address or port is left',
  SWB_CONNECT_FAILED: 'no endpoint of the route accepted the connection',
  SWB_TOO_MANY_FILES: 'the process has no file descriptors left',
  SWB_POD_CONFIG: 'a container waits for an object, or one of its volumes cannot be mounted',
  SWB_POD_EXEC: 'a command cannot run in a pod',
  SWB_GATEWAY: 'the gateway of the pods in containers does not answer',
  SWB_POD_NETWORK: 'the network of a pod cannot be created',
  SWB_NO_ENGINE: 'no container engine answers',
  SWB_ENGINE: 'the container engine refused or failed a request',
  SWB_IMAGE: 'an image cannot be pulled, or is not present',
  SWB_NOT_RUNNING: 'there is no running `switchboard up`, or more than one',
  SWB_RUNTIME_FOLDER: 'the folder for the sockets of running instances is not safe to use',
  SWB_CLUSTER_UNREACHABLE: 'the API server of the cluster cannot be reached or read',
  SWB_CLUSTER_REFUSED: 'the API server of the cluster does not allow the request',
  SWB_KUBECONFIG: 'the kubeconfig cannot be used',
  SWB_NFT_MISSING: 'neither libnftables nor the nft program is installed',
  SWB_NFT_PERMISSION: 'this process may not change nftables rules',
  SWB_NFT_UNSUPPORTED: 'the kernel lacks a feature of nftables that the plane needs',
  SWB_NFT_FAILED: 'nftables rejected a transaction',
  SWB_OTHER_PROXY: 'the kernel contains the rules of another Service proxy',
  SWB_RUN_UNSUPPORTED: 'this system does not allow a separate network for a command',
  SWB_NOT_READY: 'a Service that the command needs was not ready in time',
  SWB_SETUP_UNSUPPORTED: "this system's resolver does not support a DNS server for one domain",
  SWB_SETUP_CONFLICT: 'settings of another program, or incomplete ones of Switchboard, are in the way',
  SWB_SETUP_FAILED: 'Switchboard could not change a setting of the system',
  SWB_INTERNAL: 'a bug in Switchboard; please report it',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The one error class: `message` is for the user, `details` for programs. */
export class SwitchboardError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SwitchboardError';
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Works across copies of the package, where `instanceof` does not. */
  static is(error: unknown): error is SwitchboardError {
    return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('SWB_');
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's code (`EADDRINUSE`, `ENOENT` ...) of anything thrown, if it has one. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The advice for a process that has reached its limit of open files. */
export const OUT_OF_FILES = 'this process has reached its limit of open files; raise it with ulimit -n';

/** Whether anything thrown says that no file descriptors are left. Some errors of Node's module loader have no code. */
export function isOutOfFilesError(error: unknown): boolean {
  return isOutOfFiles(systemCodeOf(error)) || /too many open files/i.test(messageOf(error));
}

/** Whether a code means that the process (EMFILE) or the system (ENFILE) has no file descriptors left. */
export function isOutOfFiles(code: string | undefined): boolean {
  return code === 'EMFILE' || code === 'ENFILE';
}
