/** Where our readers differ from the API server on purpose. */
import { applying, type OnPurpose, type Renamed } from './compare.ts';

/** The intended differences from the server. */
export const ON_PURPOSE: readonly OnPurpose[] = applying<OnPurpose>([
  {
    why: 'Kubernetes 1.36 and later reject ambiguous addresses and ranges, and so do we.',
    side: 'ours',
    field: /\b(addresses\[\d+\](\.ip)?|nameservers\[\d+\]|hostAliases\[\d+\]\.ip)$/,
    says: /which Kubernetes 1\.36 and later reject/,
    kubernetes: ['1.34'],
  },
  {
    why: 'Switchboard runs containers as local processes, so a container without an image only gets a note.',
    side: 'api',
    field: /ontainers\[\d+\]\.image$/,
    says: /Required value/,
  },
  {
    why: 'On a laptop users want to reach a process on loopback, so such an endpoint only gets a note.',
    side: 'api',
    field: /\baddresses\[\d+\](\.ip)?$/,
    says: /may not be in the loopback range/,
  },
  {
    why: 'The server reports the whole selector in addition to its invalid part.',
    side: 'api',
    field: /^spec\.selector$/,
    says: /invalid label selector/,
  },
  {
    why: 'A missing selector is reported once, and not also as one that does not match the template.',
    side: 'api',
    field: /^spec\.template\.metadata\.labels$/,
    says: /Invalid value: (\{"app":"web"\}|null): `selector` does not match/,
  },
  {
    why: 'The server copies the name of a namespace into a label, and then reports both.',
    side: 'api',
    field: /^metadata\.labels$/,
    says: /Invalid value: "a{64}"/,
  },
  {
    why: 'The server copies the labels of a template to the object, and then reports both.',
    side: 'api',
    field: /^metadata\.labels$/,
    says: /Invalid value: "[ab] [bc]"/,
  },
  {
    why: 'The server copies limits to requests, and then reports both. No case has these faults in requests alone.',
    side: 'api',
    field: /\.requests\[(cpu|storage|a b|CPU|example\.com\/gpu|requests\.example\.com\/gpu|hugepages-2Mi)\]$/,
  },
  {
    why: 'In a cluster every pod has a ServiceAccount; here its admission plugin is off.',
    side: 'api',
    field: /\.serviceAccountToken$/,
    says: /must not be specified when serviceAccountName is not set/,
  },
  {
    why: 'The server compares the families of ranges although one is invalid.',
    side: 'api',
    field: /^spec\.podCIDRs$/,
    says: /invalid CIDR address|may specify no more than one CIDR for each IP family/,
  },
]);

export const RENAMED: readonly Renamed[] = applying<Renamed>([
  {
    why: 'The server names the field as its own types do.',
    api: /^spec\.securityContext\.(shareProcessNamespace)$/,
    ours: 'spec.$1',
    kubernetes: ['1.34'],
  },
  {
    why: 'The server does not name the file.',
    api: /\.downwardAPI\.(path|mode|fieldRef|resourceFieldRef)\b/,
    ours: '.downwardAPI.items[*].$1',
  },
  {
    why: 'The server does not name the file.',
    api: /\.downwardAPI$/,
    says: /fieldRef and resourceFieldRef/,
    ours: '.downwardAPI.items[*]',
  },
  {
    why: 'The server does not name the source.',
    api: /\.projected\.path$/,
    ours: '.projected.sources[*].serviceAccountToken.path',
  },
  {
    why: 'The server misspells the field.',
    api: /\.downwarAPI$/,
    ours: '.downwardAPI',
  },
  {
    why: 'The server does not name the mount.',
    api: /\.volumeMounts\.(subPath|subPathExpr|mountPropagation)$/,
    ours: '.volumeMounts[*].$1',
  },
  {
    why: 'The server omits the requests from the path.',
    api: /\.resources\[storage\]$/,
    ours: '.resources.requests[storage]',
  },
  {
    why: 'The server writes the path of the whole object as brackets.',
    api: /^\[\]$/,
    ours: '',
  },
  {
    why: "The server omits a template's metadata from its paths.",
    api: /^spec\.template\.(labels|annotations)$/,
    ours: 'spec.template.metadata.$1',
  },
  {
    why: 'The server does not name the address.',
    api: /^(endpoints\[\d+\]\.addresses)$/,
    says: /must be an IPv[46] address/,
    ours: '$1[*]',
  },
]);
