import { SwitchboardError } from '../../errors.ts';
import { numberOf, recordOf, textOf } from '../api/fields.ts';

/** How far a pull is. Sizes of layers become known one after the other, so that `totalBytes` may grow. */
export interface PullProgress {
  readonly receivedBytes: number;
  readonly totalBytes: number;
  readonly layersDone: number;
  readonly layers: number;
}

interface Layer {
  received: number;
  total: number;
  done: boolean;
}

const DONE = new Set(['Pull complete', 'Download complete', 'Already exists', 'Verifying Checksum']);

/** Sums the lines of a pull over its layers. */
export class PullSum {
  readonly #layers = new Map<string, Layer>();

  /**
   * @returns the progress if the line changed it
   * @throws SWB_ENGINE if the line reports a failure, which engines send after HTTP 200
   */
  take(line: Readonly<Record<string, unknown>>): PullProgress | undefined {
    throwIfFailed(line, 'pull');
    const id = textOf(line.id);
    const status = textOf(line.status);
    // The line about the tag itself also has an id: the tag.
    if (id === '' || status.startsWith('Pulling from') || status.startsWith('Trying to pull')) return undefined;
    const detail = recordOf(line.progressDetail);
    const layer = this.#layers.get(id) ?? { received: 0, total: 0, done: false };
    this.#layers.set(id, layer);
    const total = numberOf(detail.total);
    // `Extracting` counts a second time from zero.
    if (status === 'Downloading') {
      layer.received = Math.max(layer.received, numberOf(detail.current));
      layer.total = Math.max(layer.total, total, layer.received);
    }
    if (DONE.has(status)) {
      layer.done = true;
      layer.received = layer.total;
    }
    return this.#sum();
  }

  #sum(): PullProgress {
    const layers = [...this.#layers.values()];
    return {
      receivedBytes: layers.reduce((sum, { received }) => sum + received, 0),
      totalBytes: layers.reduce((sum, { total }) => sum + total, 0),
      layersDone: layers.filter(({ done }) => done).length,
      layers: layers.length,
    };
  }
}

/** `errorDetail` in a stream; `error` is what it was called before API 1.48, and what Podman sends. */
export function throwIfFailed(line: Readonly<Record<string, unknown>>, doing: string): void {
  const reason = textOf(recordOf(line.errorDetail).message) || textOf(line.error);
  if (reason === '') return;
  throw new SwitchboardError('SWB_ENGINE', `cannot ${doing}: ${reason}`, { details: { reason } });
}
