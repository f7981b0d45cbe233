import { createWriteStream, type WriteStream } from 'node:fs';
import pc from 'picocolors';
import type { Pod } from '../kube/index.ts';
import { LogStore } from './log-store.ts';
import { message, podLine } from './terminal.ts';

export interface PodLogOptions {
  readonly show: boolean;
  readonly file?: string;
}

const COLOURS = [pc.cyan, pc.yellow, pc.green, pc.magenta, pc.blue, pc.red];

/** Writes the output of pods, each line after the name of its pod: coloured on a terminal, plain in a file. */
export class PodLogs {
  readonly #show: boolean;
  readonly #file: WriteStream | undefined;
  /** For `switchboard logs`. */
  readonly store = new LogStore();
  readonly #colours = new Map<string, (text: string) => string>();

  constructor(options: PodLogOptions) {
    this.#show = options.show;
    if (options.file === undefined) return;
    const { file } = options;
    this.#file = createWriteStream(file, { flags: 'a' });
    this.#file.on('error', error => message(`warning: --log-file ${file}: ${error.message}`));
  }

  line(pod: Pod, container: string, line: string): void {
    const name = pod.spec.containers.length === 1 ? pod.meta.name : `${pod.meta.name}/${container}`;
    this.store.add(pod, container, line);
    if (this.#show) podLine(`${name} |`, line, this.#paint(pod.meta.name));
    this.#file?.write(`${new Date().toISOString()} ${pod.meta.namespace}/${name} ${line}\n`);
  }

  close(): void {
    this.#file?.end();
  }

  #paint(pod: string): (text: string) => string {
    if (!process.stderr.isTTY || !pc.isColorSupported) return text => text;
    const colour = this.#colours.get(pod) ?? COLOURS[this.#colours.size % COLOURS.length] ?? pc.cyan;
    this.#colours.set(pod, colour);
    return colour;
  }
}
