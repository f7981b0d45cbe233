/**
 * Every error that Switchboard raises on purpose, in one table: a stable code and what it means.
 * `docs/errors.md` explains each one; a test holds that the page and this table name the same codes.
 *
 * @module
 */

/** Code -> one line on what it means. Codes never change their meaning and are never used again. */
export const ERROR_CODES = {
  SWB_INPUT_NOT_FOUND: 'a file or folder given with -f does not exist or cannot be read',
  SWB_INPUT_TOO_LARGE: 'an input is larger than the size limit',
  SWB_INPUT_UNPARSABLE: 'an input is neither YAML nor JSON',
  SWB_OBJECT_INVALID: 'an object holds a value that the Kubernetes API would refuse',
  SWB_NO_INPUT: 'no -f was given, or the inputs hold no object that is read here',
  SWB_USAGE: 'a flag or argument cannot be understood',
  SWB_NOT_FOUND: 'the named object is not among the inputs',
  SWB_LISTEN_FAILED: 'an address and port could not be listened on',
  SWB_PORT_MOVED: 'a port was busy or not permitted, and another one is used in its place',
  SWB_ADDRESS_EXHAUSTED: 'no free loopback address or port is left',
  SWB_CONNECT_FAILED: 'no endpoint of the route accepted the connection',
  SWB_TOO_MANY_FILES: 'the process has no file descriptors left',
  SWB_POD_CONFIG: "a pod's container cannot be run here as it is written",
  SWB_NOT_RUNNING: 'there is not exactly one running `switchboard up` to ask',
  SWB_RUNTIME_FOLDER: 'the folder for the sockets of running instances is not safe to use',
  SWB_CLUSTER_UNREACHABLE: 'the API server of the cluster cannot be reached or read',
  SWB_CLUSTER_REFUSED: 'the API server of the cluster does not allow what was asked',
  SWB_KUBECONFIG: 'the kubeconfig cannot be used',
  SWB_NFT_MISSING: 'neither libnftables nor the nft program is installed',
  SWB_NFT_PERMISSION: 'this process may not change nftables rules',
  SWB_NFT_UNSUPPORTED: 'the kernel lacks a feature of nftables that the plane needs',
  SWB_NFT_FAILED: 'nftables refused what it was asked for',
  SWB_OTHER_PROXY: 'the rules of another Service proxy are in the kernel',
  SWB_RUN_UNSUPPORTED: 'this system does not let a command have a network of its own',
  SWB_NOT_READY: 'what the command needs was not ready in time',
  SWB_SETUP_UNSUPPORTED: 'this system cannot be told to ask for one domain only',
  SWB_SETUP_CONFLICT: "somebody else's settings, or what is left of ours, are in the way",
  SWB_SETUP_FAILED: 'a setting of the system could not be changed',
  SWB_INTERNAL: 'a fault in Switchboard itself; please report it',
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
