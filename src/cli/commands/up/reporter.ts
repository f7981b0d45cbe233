import type { Applied } from '../../../planes/index.ts';
import { routeState } from '../../../routing/index.ts';
import type { Up } from '../../../up/index.ts';
import { printData } from '../../print-data.ts';
import { routeData, routeTable, sorted, wideRouteTable } from '../../views/routes.ts';
import { changeData, changeLines } from './changes.ts';
import type { UpFlags } from './flags.ts';

/**
 * The output of `up`: one table, then a line for each change; with --watch, a table that is redrawn. Data goes to standard
 * output, everything else to standard error.
 */
export class Reporter {
  readonly #up: Up;
  readonly #flags: UpFlags;
  /** Whether the table is printed; it contains all changes before that. */
  #started = false;
  #onReady: (() => void) | undefined;
  #redraw: NodeJS.Timeout | undefined;

  constructor(up: Up, flags: UpFlags) {
    this.#up = up;
    this.#flags = flags;
    up.front.onApplied(applied => this.#applied(applied));
  }

  /** Waits at most `ms` until all endpoints are ready, so that the first table shows running pods. */
  async allReadyWithin(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#allReady() || signal.aborted) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms);
      this.#onReady = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', this.#onReady, { once: true });
    });
    this.#onReady = undefined;
  }

  started(): void {
    this.#started = true;
    const { output } = this.#flags;
    const routes = sorted(this.#up.table.routes());
    if (this.#redraws) this.#draw();
    else if (output === 'table' || output === 'wide') process.stdout.write(this.#table());
    else {
      const data = routes.map(route => routeData(route, r => this.#up.front.listenersOf(r.key)));
      process.stdout.write(
        output === 'jsonl'
          ? data.map(route => `${JSON.stringify({ event: 'route', ...route })}\n`).join('')
          : printData('RouteList', data, output),
      );
    }
    if (routes.length === 0) process.stderr.write('note: there is no Service in the inputs; waiting for one\n');
  }

  ready(): void {
    const routes = [...this.#up.table.routes()];
    process.stderr.write(`ready: ${routes.length} route${routes.length === 1 ? '' : 's'}; Ctrl-C stops\n`);
  }

  #applied({ changes }: Applied): void {
    if (this.#onReady !== undefined && this.#allReady()) this.#onReady();
    if (!this.#started) return;
    if (this.#redraws) {
      this.#redraw ??= setTimeout(() => this.#draw(), 100);
      return;
    }
    const { output } = this.#flags;
    for (const change of changes) {
      const listeners = this.#up.front.listenersOf(change.route.key);
      if (output === 'jsonl') process.stdout.write(`${JSON.stringify(changeData(change, listeners))}\n`);
      else {
        const lines = changeLines(change, listeners);
        const stream = output === 'table' || output === 'wide' ? process.stdout : process.stderr;
        stream.write(lines.map(line => `${line}\n`).join(''));
      }
    }
  }

  close(): void {
    clearTimeout(this.#redraw);
  }

  #allReady(): boolean {
    return [...this.#up.table.routes()].every(route => {
      const { ready, total } = routeState(route);
      return ready === total;
    });
  }

  get #redraws(): boolean {
    return this.#flags.watch && process.stdout.isTTY;
  }

  #draw(): void {
    this.#redraw = undefined;
    // A wrapped line would push the first lines off the screen.
    const width = process.stdout.columns;
    const lines = this.#table()
      .split('\n')
      .map(line => line.slice(0, width));
    process.stdout.write(`\x1b[2J\x1b[H${lines.join('\n')}`);
  }

  #table(): string {
    const render = this.#flags.output === 'wide' ? wideRouteTable : routeTable;
    return render(this.#up.table.routes(), this.#flags.headers, route => this.#up.front.listenersOf(route.key));
  }
}
