import { faultRule } from './faults.ts';

export const r09 = faultRule('R09', "a workload's selector does not match its own template");
