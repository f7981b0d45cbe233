import type { ObjectKey } from '../../kube/objects.ts';
import type { ServiceRecords } from './service-records.ts';

/** Endpoints of all kept records together; a Service counts as one more. */
const MOST_KEPT = 50_000;

/**
 * Records of Services that somebody asks for. Two halves, as in `AnswerCache`: what was not asked for since the younger
 * was full the last time goes.
 */
export class AskedRecords {
  #young = new Map<ObjectKey, ServiceRecords>();
  #old = new Map<ObjectKey, ServiceRecords>();
  #size = 0;

  get(key: ObjectKey): ServiceRecords | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(old);
    return old;
  }

  set(records: ServiceRecords): void {
    if (this.#size >= MOST_KEPT / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#size = 0;
    }
    this.#size += 1 + records.endpoints.size;
    this.#young.set(records.key, records);
  }

  delete(key: ObjectKey): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
