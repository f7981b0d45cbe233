import { escapeControls } from '../../../data/index.ts';
import type { Applied } from '../../../planes/index.ts';
import { routeState } from '../../../routing/index.ts';
import type { Up } from '../../../up/index.ts';
import { printData } from '../../print-data.ts';
import { message, print, printErr, redraw } from '../../terminal.ts';
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
    else if (output === 'table' || output === 'wide') print(this.#table());
    else {
      const data = routes.map(route => routeData(route, r => this.#up.front.listenersOf(r.key)));
      print(
        output === 'jsonl'
          ? data.map(route => `${JSON.stringify({ event: 'route', ...route })}\n`).join('')
          : printData('RouteList', data, output),
      );
    }
    if (routes.length === 0) message('note: there is no Service in the inputs; waiting for one');
  }

  ready(): void {
    const routes = [...this.#up.table.routes()];
    message(`ready: ${routes.length} route${routes.length === 1 ? '' : 's'}; Ctrl-C stops`);
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
      if (output === 'jsonl') print(`${JSON.stringify(changeData(change, listeners))}\n`);
      else {
        const lines = changeLines(change, listeners);
        const write = output === 'table' || output === 'wide' ? print : printErr;
        write(lines.map(line => `${escapeControls(line)}\n`).join(''));
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
    redraw(this.#table());
  }

  #table(): string {
    const render = this.#flags.output === 'wide' ? wideRouteTable : routeTable;
    return render(this.#up.table.routes(), this.#flags.headers, route => this.#up.front.listenersOf(route.key));
  }
}
