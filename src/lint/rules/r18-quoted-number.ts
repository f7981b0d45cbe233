import { faultRule } from './faults.ts';

export const r18 = faultRule('R18', 'a port number in quotes, which makes it a name');
