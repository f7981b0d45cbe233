import { Histogram, type Registry } from 'prom-client';

/** A histogram that was counted elsewhere. */
export interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  /** One for each bound, without those of the bound before, and one for what lies beyond the last. */
  readonly buckets: Iterable<number>;
  readonly sum: number;
}

interface Series {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** The library's own have some. */
  readonly sharedLabels: Readonly<Record<string, never>>;
}

const NONE = {};

export interface FinishedHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly bounds: readonly number[];
  readonly registers: Registry[];
  readonly read: () => readonly Counted[] | Promise<readonly Counted[]>;
}

/**
 * prom-client's own can only be told of one value at a time, which costs more than the answers that are timed: this one
 * shows buckets that are full already.
 */
export class FinishedHistogram extends Histogram<string> {
  readonly #options: FinishedHistogramOptions;

  constructor(options: FinishedHistogramOptions) {
    const { name, help, bounds, registers } = options;
    super({ name, help, buckets: [...bounds], registers });
    this.#options = options;
  }

  /** What a registry calls for its text, and the class itself for data (prom-client 15). */
  async getForPromString() {
    const { name, help, read } = this.#options;
    const values = (await read()).flatMap(counted => this.#series(counted));
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }

  #series({ labels, buckets, sum }: Counted): Series[] {
    const { name, bounds } = this.#options;
    const series: Series[] = [];
    let count = 0;
    for (const [index, own] of [...buckets].entries()) {
      count += own;
      const le = String(bounds[index] ?? '+Inf');
      series.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: count, sharedLabels: NONE });
    }
    series.push({ metricName: `${name}_sum`, labels, value: sum, sharedLabels: NONE });
    series.push({ metricName: `${name}_count`, labels, value: count, sharedLabels: NONE });
    return series;
  }
}
