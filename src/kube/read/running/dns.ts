import type { HostAlias, PodDnsConfig, PodRunSpec } from '../../running.ts';
import { readAddress } from '../addresses.ts';
import type { Field } from '../field.ts';
import { dnsSubdomainProblem } from '../grammar.ts';
import { shown } from '../wording.ts';
import { DNS_CONFIG_FIELDS, DNS_OPTION_FIELDS, HOST_ALIAS_FIELDS } from './fields.ts';

const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;

export function readDnsConfig(field: Field, policy: PodRunSpec['dnsPolicy']): PodDnsConfig {
  field.noteUnknownFields(DNS_CONFIG_FIELDS);
  const servers = field.child('nameservers');
  const items = servers.items();
  if (policy === 'None' && items.length === 0 && servers.isList && field.isMapping) {
    const missing = field.isSet ? servers : field;
    missing.fault('dnsPolicy: None needs a nameserver', 'write its address below dnsConfig.nameservers');
  }
  if (items.length > MAX_NAMESERVERS) {
    servers.fault(`there are ${items.length} nameservers; at most ${MAX_NAMESERVERS} are allowed`, 'remove some');
  }
  return {
    nameservers: items.flatMap(item => (item.isText ? (readAddress(item) ?? []) : (item.string() ?? []))),
    searches: readSearches(field.child('searches')),
    options: field.child('options').items().map(readOption),
  };
}

function readSearches(field: Field): readonly string[] {
  const items = field.items();
  const searches = items.map(item => item.string() ?? '');
  if (searches.length > MAX_SEARCHES) {
    field.fault(`there are ${searches.length} search domains; at most ${MAX_SEARCHES} are allowed`, 'remove some');
  }
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    field.fault(`the search domains have more than ${MAX_SEARCH_CHARACTERS} characters`, 'remove some');
  }
  for (const [index, search] of searches.entries()) {
    const item = items[index];
    if (search === '.' || item === undefined || !item.isText) continue;
    const problem = searchProblem(search.replace(/\.$/, ''));
    if (problem !== undefined) item.fault(`${shown(search)} ${problem}`, 'write a DNS name, or "."');
  }
  return searches;
}

/** A DNS subdomain whose parts may contain `_` and start with it. */
function searchProblem(search: string): string | undefined {
  const parts = search.split('.').map(part => part.replace(/^_/, ''));
  const plain = parts.map(part => part.replaceAll(/(?<=.)_(?=.)/g, '-')).join('.');
  return dnsSubdomainProblem(plain);
}

function readOption(item: Field): PodDnsConfig['options'][number] {
  item.noteUnknownFields(DNS_OPTION_FIELDS);
  const name = item.child('name').string() ?? '';
  const value = item.child('value').string();
  if (name === '' && item.isMapping && item.child('name').isText) {
    item.fault('the option has no name', 'give it one, such as ndots');
  }
  return { name, ...(value === undefined ? {} : { value }) };
}

export function readHostAliases(field: Field): readonly HostAlias[] {
  return field.items().flatMap(item => {
    item.noteUnknownFields(HOST_ALIAS_FIELDS);
    const ipField = item.child('ip');
    const ip = ipField.isText ? readAddress(ipField) : undefined;
    if (!ipField.isText) ipField.string();
    const hostnames = item
      .child('hostnames')
      .items()
      .map(name => {
        const text = name.string() ?? '';
        const problem = name.isText ? dnsSubdomainProblem(text) : undefined;
        if (problem !== undefined) name.fault(`${shown(text)} ${problem}`, 'write a host name in lower case');
        return text;
      });
    return ip === undefined ? [] : [{ ip, hostnames }];
  });
}
