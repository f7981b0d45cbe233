import { escapeControls } from '../../../data/index.ts';
import type { Applied } from '../../../planes/index.ts';
import { type Route, routeState } from '../../../routing/index.ts';
import type { Up } from '../../../up/index.ts';
import { printData } from '../../print-data.ts';
import { message, print, printErr, redraw } from '../../terminal.ts';
import { routeData, routeName, routeTable, sorted, wideRouteTable } from '../../views/routes.ts';
import { changeData, changeLines } from './changes.ts';
import type { UpFlags } from './flags.ts';

/** Service ports that a line names. */
const MAX_NAMES = 3;

/**
 * The output of `up`: one table, then a line for each change; with --watch, a table that is redrawn. Data goes to standard
 * output, everything else to standard error.
 */
export class Reporter {
  readonly #up: Up;
  readonly #flags: UpFlags;
  /** Whether the table is printed; it contains all changes before that. */
  #started = false;
  /** Whether the first table lacked a port that did not answer yet. */
  #waits = false;
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
    else if (!this.#redraws) this.#summarize();
  }

  /** How many Service ports answer, and which do not. */
  #summarize(): void {
    const { ready, missing, total } = this.#ports();
    this.#waits = missing.length > 0;
    if (total === 0) return;
    const shown = missing.slice(0, MAX_NAMES).join(', ');
    const more = missing.length > MAX_NAMES ? ` and ${missing.length - MAX_NAMES} more` : '';
    message(`${ready} of ${total} Service ports ready${missing.length === 0 ? '' : `; not ready: ${shown}${more}`}`);
  }

  #ports(): { readonly ready: number; readonly total: number; readonly missing: readonly string[] } {
    const all = sorted(this.#up.table.routes()).filter(({ kind }) => kind === 'proxied' || kind === 'headless');
    const missing = all.filter(route => !this.#answers(route));
    return { ready: all.length - missing.length, total: all.length, missing: missing.map(routeName) };
  }

  /** Whether connections to the port of a Service arrive. */
  #answers(route: Route): boolean {
    const listeners = this.#up.front.listenersOf(route.key);
    return routeState(route).ready > 0 && !listeners.some(({ failed }) => failed !== undefined);
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
    this.#print(changes, output);
    // Once, when the last port answers that the first table lacked.
    if (!this.#waits || this.#ports().missing.length > 0) return;
    this.#waits = false;
    this.#summarize();
  }

  #print(changes: Applied['changes'], output: UpFlags['output']): void {
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
