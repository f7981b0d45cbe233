export { type Effect, type Impact, impactOf } from './impact.ts';
