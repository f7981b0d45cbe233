/** An engine that reports the end of a removed container at all does so by then. */
const REMOVED_DELAY_MS = 1_000;

/** Requests that wait for the end of a container. Podman 4.3 never answers them once the container is removed. */
export class ExitWatches {
  readonly #watches = new Map<string, Set<AbortController>>();

  add(id: string, watch: AbortController): void {
    const all = this.#watches.get(id) ?? new Set();
    this.#watches.set(id, all.add(watch));
  }

  delete(id: string, watch: AbortController): void {
    const all = this.#watches.get(id);
    all?.delete(watch);
    if (all?.size === 0) this.#watches.delete(id);
  }

  /** The container has been removed: ends the requests that are not answered soon. */
  end(id: string): void {
    const all = [...(this.#watches.get(id) ?? [])];
    if (all.length === 0) return;
    setTimeout(() => {
      for (const watch of all) watch.abort();
    }, REMOVED_DELAY_MS).unref();
  }
}
