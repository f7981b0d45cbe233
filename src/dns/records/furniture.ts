import type { Answer, SoaAnswer } from 'dns-packet';
import type { Directory } from '../directory/directory.ts';
import { addressRecords, serverAddresses } from './addresses.ts';
import { NONE, type RecordMaker } from './maker.ts';

/** The version of the specification that is followed, which does not change while a server runs. */
const SPECIFICATION = '1.1.0';
const SPECIFICATION_TTL = 28_800;

/**
 * The SOA of a zone. What it says of negative answers is kept as short as the records themselves (RFC 2308, 5): a name
 * that is asked a second before its manifest is saved must not stay dead.
 */
export function soaRecord(zone: string, directory: Directory): SoaAnswer {
  const { ttl } = directory.settings;
  const data = {
    mname: `ns.dns.${zone}`,
    rname: `hostmaster.${zone}`,
    serial: directory.serial,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: ttl,
  };
  return { type: 'SOA', name: zone, ttl: Math.min(ttl, 300), data };
}

/** SOA: at a zone's own name. */
export const makeSoa: RecordMaker = (owner, { directory }) =>
  owner.kind === 'apex' ? { answers: [soaRecord(owner.zone.text, directory)] } : NONE;

/** NS: this server, by the name of the Service before it where one is. */
export const makeNs: RecordMaker = (owner, context) => {
  if (owner.kind !== 'apex') return NONE;
  const { directory, zones, name } = context;
  const { ttl } = directory.settings;
  const service = directory.fronting();
  const home = owner.zone.kind === 'forward' ? owner.zone : zones.main;
  const target =
    service === undefined ? `ns.dns.${home.text}` : `${service.name}.${service.namespace}.svc.${home.text}`;
  const answer: Answer = { type: 'NS', name, ttl, data: target };
  return {
    answers: [answer],
    additionals: addressRecords(target, service?.addresses ?? serverAddresses(context), ttl),
  };
};

/** TXT: the specification's version (Kubernetes DNS specification 1.1.0, 2.2). */
export const makeTxt: RecordMaker = (owner, { name }) =>
  owner.kind === 'version' ? { answers: [{ type: 'TXT', name, ttl: SPECIFICATION_TTL, data: SPECIFICATION }] } : NONE;
