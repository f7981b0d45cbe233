import { describe, expect, it } from 'vitest';
import { PullSum } from './pull-progress.ts';

const layer = (id: string, status: string, current?: number, total?: number) => ({
  id,
  status,
  progressDetail: current === undefined ? {} : { current, total },
});

describe('the progress of a pull', () => {
  it('is the sum of its layers, does not fall back while they are extracted, and ends at the whole', () => {
    const sum = new PullSum();
    expect(sum.take({ id: '1.29', status: 'Pulling from library/nginx' })).toBeUndefined();
    sum.take(layer('a', 'Pulling fs layer'));
    sum.take(layer('b', 'Already exists'));
    expect(sum.take(layer('a', 'Downloading', 10, 100))).toEqual({
      receivedBytes: 10,
      totalBytes: 100,
      layersDone: 1,
      layers: 2,
    });
    sum.take(layer('a', 'Downloading', 60, 100));
    sum.take(layer('a', 'Verifying Checksum'));
    expect(sum.take(layer('a', 'Extracting', 5, 100))).toEqual({
      receivedBytes: 100,
      totalBytes: 100,
      layersDone: 2,
      layers: 2,
    });
    expect(sum.take({ status: 'Digest: sha256:1' })).toBeUndefined();
  });

  it('ends with the failure that the engine reports after it has answered with success', () => {
    expect(() => new PullSum().take({ errorDetail: { message: 'denied' }, error: 'denied' })).toThrow('denied');
    expect(() => new PullSum().take({ error: 'of Podman' })).toThrow('of Podman');
  });
});
