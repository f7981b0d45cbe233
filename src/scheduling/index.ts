/**
 * When asynchronous work runs: one task after another, and how long to wait before the next attempt.
 *
 * @module
 */
export { Backoff, type BackoffOptions } from './backoff.ts';
export { Serial } from './serial.ts';
