import { describe, expect, it } from 'vitest';
import { SwitchboardError } from '../../errors.ts';
import { classifyPullFailure, pullError } from './pull-failure.ts';

/** Words of Docker 20.10, 28 and Podman 4.3, 5. */
const WORDS = [
  [
    'unauthorized',
    "pull access denied for me/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
  ],
  ['unauthorized', 'unauthorized: authentication required'],
  ['unauthorized', 'Head "https://ghcr.io/v2/a/b/manifests/1": denied'],
  ['unauthorized', 'no basic auth credentials'],
  [
    'unauthorized',
    'initializing source docker://a: unable to retrieve auth token: invalid username/password: unauthorized',
  ],
  ['not-found', 'manifest for nginx:nope not found: manifest unknown: manifest unknown'],
  ['not-found', 'reading manifest nope in docker.io/library/nginx: manifest unknown'],
  [
    'rate-limit',
    'toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
  ],
  ['rate-limit', "error from registry: You have reached your pull rate limit as 'ada'"],
  ['platform', 'no matching manifest for linux/arm64/v8 in the manifest list entries'],
  [
    'platform',
    'choosing an image from manifest list docker://a: no image found in manifest list for architecture arm64, variant "v8", OS linux',
  ],
  ['unreachable', 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host'],
  ['unreachable', 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused'],
  ['unreachable', 'Get "https://r/v2/": x509: certificate signed by unknown authority'],
  ['other', 'no space left on device'],
] as const;

describe('a failed pull', () => {
  it.each(WORDS)('is %s for: %s', (failure, words) => {
    expect(classifyPullFailure(words)).toBe(failure);
  });

  it('names the image, the reason and what to type', () => {
    const cause = new SwitchboardError('SWB_ENGINE', 'cannot pull: toomanyrequests: x', {
      details: { reason: 'toomanyrequests: x' },
    });
    const error = pullError({ image: 'nginx', registry: 'docker.io', architecture: 'arm64', cause });
    expect(error.message).toBe(
      'ErrImagePull: image "nginx": toomanyrequests: x\n  docker.io limits pulls without an account: docker login',
    );
    expect(error.details).toMatchObject({ reason: 'ErrImagePull', failure: 'rate-limit', retryAfterMs: 60_000 });
  });
});
