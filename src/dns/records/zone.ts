import type { Answer, SoaAnswer } from 'dns-packet';
import type { Directory } from '../directory/directory.ts';
import { addressRecords, serverAddresses } from './addresses.ts';
import { NONE, type RecordBuilder } from './builder.ts';

/** The version of the Kubernetes DNS specification that this server implements. */
const SPECIFICATION = '1.1.0';
const SPECIFICATION_TTL = 28_800;

/**
 * The SOA of a zone. Clients cache negative answers no longer than records (RFC 2308, 5): a client that asks a second
 * before a manifest is saved should find the name soon after.
 */
export function soaRecord(zone: string, directory: Directory): SoaAnswer {
  const { ttl } = directory.options;
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

/** SOA: at the apex of a zone. */
export const buildSoa: RecordBuilder = (owner, { directory }) =>
  owner.kind === 'apex' ? { answers: [soaRecord(owner.zone.text, directory)] } : NONE;

/** NS: this server, by the name of its own Service if it has one. */
export const buildNs: RecordBuilder = (owner, context) => {
  if (owner.kind !== 'apex') return NONE;
  const { directory, zones, name } = context;
  const { ttl } = directory.options;
  const service = directory.ownService();
  const home = owner.zone.kind === 'forward' ? owner.zone : zones.main;
  const target =
    service === undefined ? `ns.dns.${home.text}` : `${service.name}.${service.namespace}.svc.${home.text}`;
  const answer: Answer = { type: 'NS', name, ttl, data: target };
  return {
    answers: [answer],
    additionals: addressRecords(target, service?.addresses ?? serverAddresses(context), ttl),
  };
};

/** TXT: the version of the specification (Kubernetes DNS specification 1.1.0, 2.2). */
export const buildTxt: RecordBuilder = (owner, { name }) =>
  owner.kind === 'version' ? { answers: [{ type: 'TXT', name, ttl: SPECIFICATION_TTL, data: SPECIFICATION }] } : NONE;
