import { SwitchboardError } from '../../errors.ts';
import { engineReason, engineStatus, isEngineGone } from '../api/engine-error.ts';

/** Why a pull failed. */
export type PullFailure = 'unauthorized' | 'not-found' | 'rate-limit' | 'platform' | 'unreachable' | 'other';

/** Before this has passed, Docker Hub counts and refuses a further pull. */
const RATE_LIMIT_DELAY_MS = 60_000;

/** The first that matches counts. Docker Hub answers `pull access denied` for what is private and for what does not exist. */
const PATTERNS: readonly (readonly [pattern: RegExp, failure: PullFailure])[] = [
  [/toomanyrequests|rate limit|429 Too Many/i, 'rate-limit'],
  [
    /no matching manifest|no image found in (manifest list|image index) for architecture|does not match the specified platform|image operating system/i,
    'platform',
  ],
  [/manifest unknown|manifest for .* not found|repository name not known|name unknown|status code 404/i, 'not-found'],
  [
    /unauthorized|authentication required|no basic auth credentials|access denied|denied(:|$)|invalid username\/password|403 Forbidden|401/i,
    'unauthorized',
  ],
  [
    /no such host|connection refused|i\/o timeout|TLS handshake|x509|network is unreachable|dial tcp|pinging (container|docker) registry|server gave HTTP response/i,
    'unreachable',
  ],
];

export function classifyPullFailure(reason: string): PullFailure {
  return PATTERNS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'other';
}

export interface FailedPull {
  readonly image: string;
  readonly registry: string;
  readonly architecture: string;
  readonly cause: unknown;
}

/** The error of a pull, in the words of `kubectl describe pod`, with the fix. */
export function pullError({ image, registry, architecture, cause }: FailedPull): SwitchboardError {
  const words = engineReason(cause);
  const failure = isEngineGone(cause) ? 'other' : classifyPullFailure(words);
  const fix = fixFor(failure, registry, architecture);
  const delay = failure === 'rate-limit' ? { retryAfterMs: RATE_LIMIT_DELAY_MS } : {};
  return new SwitchboardError(
    'SWB_IMAGE',
    `ErrImagePull: image "${image}": ${words}${fix === undefined ? '' : `\n  ${fix}`}`,
    { cause, details: { reason: 'ErrImagePull', failure, message: words, status: engineStatus(cause), ...delay } },
  );
}

export function invalidName(image: string): SwitchboardError {
  return new SwitchboardError('SWB_IMAGE', `InvalidImageName: "${image}" is not an image reference`, {
    details: { reason: 'InvalidImageName', failure: 'other' },
  });
}

function fixFor(failure: PullFailure, registry: string, architecture: string): string | undefined {
  const login = registry === 'docker.io' ? 'docker login' : `docker login ${registry}`;
  switch (failure) {
    case 'unauthorized':
      return `if the image exists, it is private: ${login}, or name a Secret in imagePullSecrets`;
    case 'rate-limit':
      return `${registry} limits pulls without an account: ${login}`;
    case 'platform':
      return `the image has no variant for linux/${architecture}; to emulate another one: --platform linux/${architecture === 'amd64' ? 'arm64' : 'amd64'}`;
    case 'not-found':
      return 'check the name and the tag';
    case 'unreachable':
      return `the container engine cannot reach ${registry}; images that are already here can be used with --pull missing`;
    case 'other':
      return undefined;
  }
}
