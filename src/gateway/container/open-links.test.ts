import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Link } from '../../link/index.ts';
import { OpenLinks } from './open-links.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A link of which only the end matters. */
function fakeLink(): Link & { lose(): Promise<void> } {
  const closed = Promise.withResolvers<void>();
  const never = () => Promise.reject(new Error('not in this test'));
  return {
    ...{ call: never, connectTcp: never, connectUdp: never },
    closed: closed.promise,
    close: () => closed.resolve(),
    lose: async () => {
      closed.resolve();
      await closed.promise;
    },
  };
}

function scene() {
  const onAlone = vi.fn();
  return { links: new OpenLinks({ aloneMs: 1_000, onAlone }), onAlone };
}

test('is alone if no link comes in time', () => {
  const { onAlone } = scene();
  vi.advanceTimersByTime(999);
  expect(onAlone).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onAlone).toHaveBeenCalledOnce();
});

test('is alone again after the last link was lost, unless another one comes', async () => {
  const { links, onAlone } = scene();
  const [first, second] = [fakeLink(), fakeLink()];
  links.add(first);
  vi.advanceTimersByTime(10_000);
  await first.lose();
  vi.advanceTimersByTime(999);
  links.add(second);
  vi.advanceTimersByTime(10_000);
  expect(onAlone).not.toHaveBeenCalled();
  await second.lose();
  vi.advanceTimersByTime(1_000);
  expect(onAlone).toHaveBeenCalledOnce();
});

test('goes on with an earlier link when a later one is closed', async () => {
  const { links, onAlone } = scene();
  const [first, second] = [fakeLink(), fakeLink()];
  links.add(first);
  links.add(second);
  expect(links.current).toBe(second);
  await second.lose();
  expect(links.current).toBe(first);
  vi.advanceTimersByTime(10_000);
  expect(onAlone).not.toHaveBeenCalled();
});

test('has no current link when none is open', async () => {
  const { links } = scene();
  const link = fakeLink();
  expect(() => links.current).toThrow(expect.objectContaining({ code: 'SWB_GATEWAY' }));
  links.add(link);
  await link.lose();
  expect(() => links.current).toThrow(expect.objectContaining({ code: 'SWB_GATEWAY' }));
});
