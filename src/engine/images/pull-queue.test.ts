import { describe, expect, it } from 'vitest';
import { PullQueue } from './pull-queue.ts';

/** Pulls that end when the test says so. */
class Pulls {
  readonly started: string[] = [];
  readonly aborted: string[] = [];
  readonly queue = new PullQueue<string, number>();
  readonly #ends = new Map<string, PromiseWithResolvers<string>>();

  run(key: string, options: { signal?: AbortSignal; onProgress?: (step: number) => void } = {}): Promise<string> {
    return this.queue.run(
      key,
      (report, signal) => {
        this.started.push(key);
        report(this.started.length);
        signal.addEventListener('abort', () => this.aborted.push(key));
        return this.#end(key).promise;
      },
      options,
    );
  }

  end(key: string): void {
    this.#end(key).resolve(key);
  }

  fail(key: string): void {
    this.#end(key).reject(new Error(key));
  }

  #end(key: string): PromiseWithResolvers<string> {
    const end = this.#ends.get(key) ?? Promise.withResolvers<string>();
    this.#ends.set(key, end);
    return end;
  }
}

describe('a queue of pulls', () => {
  it('pulls a reference once for all who wait, and three at a time', async () => {
    const pulls = new Pulls();
    const all = ['a', 'b', 'c', 'd', 'e', 'a'].map(key => pulls.run(key));
    expect(pulls.started).toEqual(['a', 'b', 'c']);
    pulls.fail('b');
    await expect(all[1]).rejects.toThrow('b');
    expect(pulls.started).toEqual(['a', 'b', 'c', 'd']);
    for (const key of ['a', 'c', 'd', 'e']) pulls.end(key);
    expect(await Promise.all([all[0], all[2], all[3], all[4], all[5]])).toEqual(['a', 'c', 'd', 'e', 'a']);
    expect(pulls.started).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('aborts a pull when the last who waits gives up, and not before', async () => {
    const pulls = new Pulls();
    const [one, two] = [new AbortController(), new AbortController()];
    const waits = [pulls.run('a', { signal: one.signal }), pulls.run('a', { signal: two.signal })];
    one.abort(new Error('one'));
    await expect(waits[0]).rejects.toThrow('one');
    expect(pulls.aborted).toEqual([]);
    two.abort(new Error('two'));
    await expect(waits[1]).rejects.toThrow('two');
    expect(pulls.aborted).toEqual(['a']);
  });

  it('pulls again after the last pull of the reference has ended', async () => {
    const pulls = new Pulls();
    pulls.end('a');
    await pulls.run('a');
    await pulls.run('a');
    expect(pulls.started).toEqual(['a', 'a']);
  });
});
