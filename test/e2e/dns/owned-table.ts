/**
 * Rows as in `answers-table.ts`, for a server with other options.
 *
 * @module
 */

/** With reverse zones, pods by any address, and only some namespaces. */
export const OWNED: Readonly<Record<string, string>> = {
  'reverse zones of our own': `
    10.0.96.10.in-addr.arpa PTR => PTR web.default.svc.Z
    10.0.96.10.in-addr.arpa A => NODATA of 96.10.in-addr.arpa
    0.96.10.in-addr.arpa PTR => NODATA of 96.10.in-addr.arpa
    9.96.10.in-addr.arpa PTR => NXDOMAIN of 96.10.in-addr.arpa
    99.0.96.10.in-addr.arpa PTR => NXDOMAIN of 96.10.in-addr.arpa
    256.0.96.10.in-addr.arpa PTR => NXDOMAIN of 96.10.in-addr.arpa
    96.10.in-addr.arpa SOA => SOA ns.dns.96.10.in-addr.arpa hostmaster.96.10.in-addr.arpa
    96.10.in-addr.arpa A => NODATA of 96.10.in-addr.arpa
    6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa PTR => PTR six.default.svc.Z
    0.6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa PTR => NXDOMAIN of d.f.ip6.arpa
    g.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa PTR => NXDOMAIN of d.f.ip6.arpa`,

  'a second zone': `
    web.default.svc.example.test A => A 10.96.0.10
    _http._tcp.web.default.svc.example.test SRV => SRV 0 100 80 web.default.svc.example.test + web.default.svc.example.test A 10.96.0.10
    example.test SOA => SOA ns.dns.example.test hostmaster.example.test
    nothing.example.test A => NXDOMAIN of example.test`,

  'only some namespaces': `
    web.default.svc.Z A => A 10.96.0.10
    db.data.svc.Z A => NXDOMAIN
    data.svc.Z A => NXDOMAIN
    data.pod.Z A => NXDOMAIN
    1.6.1.10.in-addr.arpa PTR => NXDOMAIN of in-addr.arpa`,

  'pods by any address': `
    10-2-1-9.apps.pod.Z A => A 10.2.1.9
    10-2-1-9.apps.pod.Z AAAA => NODATA
    fd00--.apps.pod.Z AAAA => AAAA fd00::
    --1.apps.pod.Z AAAA => AAAA ::1
    a-b-c-d.apps.pod.Z A => NXDOMAIN
    10-2-1-9.nowhere.pod.Z A => NXDOMAIN`,

  'Services without ready endpoints are hidden': `
    lonely.default.svc.Z A => NXDOMAIN
    lonely.default.svc.Z TXT => NXDOMAIN
    _http._tcp.lonely.default.svc.Z SRV => NXDOMAIN
    25.0.96.10.in-addr.arpa PTR => NXDOMAIN of 96.10.in-addr.arpa
    out.default.svc.Z CNAME => CNAME www.example.org`,

  'endpoints by the name of their pod': `
    web-a.web.default.svc.Z A => A 10.1.0.1
    10-1-0-1.web.default.svc.Z A => NXDOMAIN
    blue.web.default.svc.Z A => A 10.1.0.3`,
};
