import { hostPort } from '../../../kube/address.ts';
import type { Applied } from '../../../planes/index.ts';
import { routeState } from '../../../routing/index.ts';
import type { Up } from '../../../up/index.ts';
import { printData } from '../../print-data.ts';
import { changeData, changeLines } from '../../views/changes.ts';
import { routeData, routeTable, sorted, wideRouteTable } from '../../views/routes.ts';
import type { UpFlags } from './flags.ts';

/**
 * What `up` shows: one table, then a line for each change; with --watch a table that is redrawn. Data goes to
 * standard output, all else to standard error.
 */
export class Reporter {
  readonly #up: Up;
  readonly #flags: UpFlags;
  /** Changes before the table is printed are in the table. */
  #started = false;
  #onSettled: (() => void) | undefined;
  #redraw: NodeJS.Timeout | undefined;

  constructor(up: Up, flags: UpFlags) {
    this.#up = up;
    this.#flags = flags;
    up.onApplied(applied => this.#applied(applied));
  }

  /** Waits until every route has all its endpoints ready, but no longer than `ms`: the first table shows pods at work. */
  async settled(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#allReady() || signal.aborted) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms);
      this.#onSettled = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', this.#onSettled, { once: true });
    });
    this.#onSettled = undefined;
  }

  started(): void {
    this.#started = true;
    const { output } = this.#flags;
    const routes = sorted(this.#up.table.routes());
    if (this.#redraws) this.#draw();
    else if (output === 'table' || output === 'wide') process.stdout.write(this.#table());
    else {
      const data = routes.map(route => routeData(route, r => this.#up.listenersOf(r.key)));
      process.stdout.write(
        output === 'jsonl'
          ? data.map(route => `${JSON.stringify({ event: 'route', ...route })}\n`).join('')
          : printData('RouteList', data, output),
      );
    }
    if (routes.length === 0) process.stderr.write('note: no Services among the inputs; waiting for some\n');
  }

  ready(): void {
    const routes = [...this.#up.table.routes()];
    process.stderr.write(`ready: ${routes.length} route${routes.length === 1 ? '' : 's'}; Ctrl-C stops\n`);
  }

  #applied({ changes }: Applied): void {
    if (this.#onSettled !== undefined && this.#allReady()) this.#onSettled();
    if (!this.#started) return;
    if (this.#redraws) {
      this.#redraw ??= setTimeout(() => this.#draw(), 100);
      return;
    }
    const { output } = this.#flags;
    for (const change of changes) {
      const listeners = this.#up.listenersOf(change.route.key);
      if (output === 'jsonl') process.stdout.write(`${JSON.stringify(changeData(change, listeners))}\n`);
      else {
        const lines = changeLines(change, listeners);
        const stream = output === 'table' || output === 'wide' ? process.stdout : process.stderr;
        stream.write(lines.map(line => `${line}\n`).join(''));
        for (const { moved, failed, address, port } of listeners) {
          const said = change.type === 'set' && change.previous === undefined ? (failed ?? moved) : undefined;
          if (said !== undefined) process.stderr.write(`note: ${hostPort(address, port)}: ${said}\n`);
        }
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
    // A line that wraps would push the first ones off the screen.
    const width = process.stdout.columns;
    const lines = this.#table()
      .split('\n')
      .map(line => line.slice(0, width));
    process.stdout.write(`\x1b[2J\x1b[H${lines.join('\n')}`);
  }

  #table(): string {
    const render = this.#flags.output === 'wide' ? wideRouteTable : routeTable;
    return render(this.#up.table.routes(), this.#flags.headers, route => this.#up.listenersOf(route.key));
  }
}
