/**
 * Questions and expected answers by section. A row is `NAME TYPE => ANSWERS`, with records separated by commas and
 * additional records after ` + `. `Z` is the zone. The owner of a record is the name of the question unless it is written
 * before the type. An answer must contain nothing else.
 *
 * NODATA and NXDOMAIN must come with exactly one SOA, of the zone after `of` (default Z).
 *
 * @module
 */
export const ANSWERS: Readonly<Record<string, string>> = {
  'Services with a cluster IP (specification 1.1.0, 2.3)': `
    web.default.svc.Z A => A 10.96.0.10
    WEB.Default.SVC.Z A => A 10.96.0.10
    web.default.svc.Z AAAA => NODATA
    six.default.svc.Z AAAA => AAAA fd00:10:96::6
    six.default.svc.Z A => NODATA
    dual.default.svc.Z A => A 10.96.0.20
    dual.default.svc.Z AAAA => AAAA fd00:10:96::20
    lonely.default.svc.Z A => A 10.96.0.25
    lonely.default.svc.Z AAAA => NODATA
    unnamed.default.svc.Z A => A 10.96.0.30
    node.default.svc.Z A => A 10.96.0.50
    front.default.svc.Z A => A 10.96.0.60
    foreign.default.svc.Z A => A 10.96.0.80
    unplaced.default.svc.Z A => NODATA
    unplaced.default.svc.Z AAAA => NODATA
    web.default.svc.Z CNAME => NODATA
    web.default.svc.Z TXT => NODATA
    web.default.svc.Z MX => NODATA
    web.default.svc.Z HTTPS => NODATA
    web.default.svc.Z SVCB => NODATA
    web.default.svc.Z CAA => NODATA
    web.default.svc.Z NS => NODATA
    web.default.svc.Z SOA => NODATA
    web.default.svc.Z DS => NODATA
    web.default.svc.Z PTR => NODATA
    web.default.svc.Z ANY => HINFO RFC8482|`,

  'SRV of Services with a cluster IP (2.3.2)': `
    _http._tcp.web.default.svc.Z SRV => SRV 0 100 80 web.default.svc.Z + web.default.svc.Z A 10.96.0.10
    _https._tcp.web.default.svc.Z SRV => SRV 0 100 443 web.default.svc.Z + web.default.svc.Z A 10.96.0.10
    _HTTP._TCP.web.default.svc.Z SRV => SRV 0 100 80 web.default.svc.Z + web.default.svc.Z A 10.96.0.10
    _http._tcp.six.default.svc.Z SRV => SRV 0 100 80 six.default.svc.Z + six.default.svc.Z AAAA fd00:10:96::6
    _http._tcp.dual.default.svc.Z SRV => SRV 0 50 80 dual.default.svc.Z + dual.default.svc.Z A 10.96.0.20, dual.default.svc.Z AAAA fd00:10:96::20
    _http._tcp.lonely.default.svc.Z SRV => SRV 0 100 80 lonely.default.svc.Z + lonely.default.svc.Z A 10.96.0.25
    _http._tcp.unplaced.default.svc.Z SRV => SRV 0 100 80 unplaced.default.svc.Z
    _dns._udp.names.default.svc.Z SRV => SRV 0 100 53 names.default.svc.Z + names.default.svc.Z A 10.96.0.40
    _dns-tcp._tcp.names.default.svc.Z SRV => SRV 0 100 53 names.default.svc.Z + names.default.svc.Z A 10.96.0.40
    _m3ua._sctp.sigtran.default.svc.Z SRV => SRV 0 100 2905 sigtran.default.svc.Z + sigtran.default.svc.Z A 10.96.0.70
    _dns._tcp.names.default.svc.Z SRV => NXDOMAIN
    _dns-tcp._udp.names.default.svc.Z SRV => NXDOMAIN
    _ftp._tcp.web.default.svc.Z SRV => NXDOMAIN
    _http._udp.web.default.svc.Z SRV => NXDOMAIN
    _8080._tcp.unnamed.default.svc.Z SRV => NXDOMAIN
    _._tcp.unnamed.default.svc.Z SRV => NXDOMAIN
    http.tcp.web.default.svc.Z SRV => NXDOMAIN
    _http.tcp.web.default.svc.Z SRV => NXDOMAIN
    http._tcp.web.default.svc.Z SRV => NXDOMAIN
    _http._tcp.web.default.svc.Z A => NODATA
    _http._tcp.web.default.svc.Z AAAA => NODATA
    _http._tcp.web.default.svc.Z TXT => NODATA
    _tcp.web.default.svc.Z SRV => NODATA
    _tcp.web.default.svc.Z A => NODATA
    _udp.web.default.svc.Z SRV => NXDOMAIN
    _udp.names.default.svc.Z SRV => NODATA
    _sctp.sigtran.default.svc.Z SRV => NODATA
    _tcp.unnamed.default.svc.Z SRV => NXDOMAIN
    web.default.svc.Z SRV => SRV 0 50 80 web.default.svc.Z, SRV 0 50 443 web.default.svc.Z + web.default.svc.Z A 10.96.0.10
    unnamed.default.svc.Z SRV => SRV 0 100 8080 unnamed.default.svc.Z + unnamed.default.svc.Z A 10.96.0.30
    names.default.svc.Z SRV => SRV 0 50 53 names.default.svc.Z + names.default.svc.Z A 10.96.0.40
    dual.default.svc.Z SRV => SRV 0 50 80 dual.default.svc.Z + dual.default.svc.Z A 10.96.0.20, dual.default.svc.Z AAAA fd00:10:96::20`,

  'endpoints of Services with a cluster IP': `
    10-1-0-1.web.default.svc.Z A => A 10.1.0.1
    10-1-0-1.web.default.svc.Z AAAA => NODATA
    blue.web.default.svc.Z A => A 10.1.0.3
    10-1-0-3.web.default.svc.Z A => NXDOMAIN
    10-1-0-2.web.default.svc.Z A => NXDOMAIN
    web-a.web.default.svc.Z A => NXDOMAIN
    blue.web.default.svc.Z SRV => SRV 0 50 8080 blue.web.default.svc.Z, SRV 0 50 8443 blue.web.default.svc.Z + blue.web.default.svc.Z A 10.1.0.3
    blue.web.default.svc.Z TXT => NODATA`,

  'headless Services (2.4)': `
    db.data.svc.Z A => A 10.1.1.1, A 10.1.1.2, A 10.1.1.3
    db.data.svc.Z AAAA => AAAA 2001:db8::1, AAAA 2001:db8::
    db.data.svc.Z TXT => NODATA
    db.data.svc.Z HTTPS => NODATA
    six-only.data.svc.Z AAAA => AAAA fd00:1:2::1
    six-only.data.svc.Z A => NODATA
    down.data.svc.Z A => NXDOMAIN
    down.data.svc.Z AAAA => NXDOMAIN
    down.data.svc.Z SRV => NXDOMAIN
    down-0.down.data.svc.Z A => NXDOMAIN
    _http._tcp.down.data.svc.Z SRV => NXDOMAIN
    _tcp.down.data.svc.Z SRV => NXDOMAIN
    void.data.svc.Z A => NXDOMAIN
    void.data.svc.Z TXT => NXDOMAIN
    shared.data.svc.Z A => A 10.1.4.1, A 10.1.4.2, A 10.1.4.3, A 10.1.4.4, A 10.1.4.5, A 10.1.4.6
    pair.shared.data.svc.Z A => A 10.1.4.1, A 10.1.4.2
    10-1-4-1.shared.data.svc.Z A => NXDOMAIN
    portless.data.svc.Z A => A 10.1.5.1
    portless.data.svc.Z SRV => NODATA
    10-1-5-1.portless.data.svc.Z SRV => NODATA
    twice.data.svc.Z A => A 10.1.1.1`,

  'endpoints by name (2.4.1)': `
    db-0.db.data.svc.Z A => A 10.1.1.1
    db-0.db.data.svc.Z AAAA => AAAA 2001:db8::1
    DB-0.db.data.svc.Z A => A 10.1.1.1
    db-1.db.data.svc.Z A => A 10.1.1.2
    db-1.db.data.svc.Z AAAA => NODATA
    db-2.db.data.svc.Z A => NXDOMAIN
    10-1-1-3.db.data.svc.Z A => A 10.1.1.3
    10-1-1-1.db.data.svc.Z A => NXDOMAIN
    2001-db8--0.db.data.svc.Z AAAA => AAAA 2001:db8::
    2001-db8--0.db.data.svc.Z A => NODATA
    2001-0db8-0-0-0-0-0-0.db.data.svc.Z AAAA => AAAA 2001:db8::
    2001-DB8--.db.data.svc.Z AAAA => AAAA 2001:db8::
    2001-db8--1.db.data.svc.Z AAAA => NXDOMAIN
    db-0.db.data.svc.Z TXT => NODATA
    x.db-0.db.data.svc.Z A => NXDOMAIN`,

  'SRV of headless Services (2.4.2)': `
    _pg._tcp.db.data.svc.Z SRV => SRV 0 20 5433 db-0.db.data.svc.Z, SRV 0 20 5433 db-1.db.data.svc.Z, SRV 0 20 5433 10-1-1-3.db.data.svc.Z, SRV 0 20 5433 2001-db8--0.db.data.svc.Z + db-0.db.data.svc.Z A 10.1.1.1, db-0.db.data.svc.Z AAAA 2001:db8::1, db-1.db.data.svc.Z A 10.1.1.2, 10-1-1-3.db.data.svc.Z A 10.1.1.3, 2001-db8--0.db.data.svc.Z AAAA 2001:db8::
    _http._tcp.shared.data.svc.Z SRV => SRV 0 16 8080 pair.shared.data.svc.Z, SRV 0 16 8080 10-1-4-3.shared.data.svc.Z, SRV 0 16 8080 10-1-4-4.shared.data.svc.Z, SRV 0 16 8080 10-1-4-5.shared.data.svc.Z, SRV 0 16 8080 10-1-4-6.shared.data.svc.Z + pair.shared.data.svc.Z A 10.1.4.1, pair.shared.data.svc.Z A 10.1.4.2, 10-1-4-3.shared.data.svc.Z A 10.1.4.3, 10-1-4-4.shared.data.svc.Z A 10.1.4.4, 10-1-4-5.shared.data.svc.Z A 10.1.4.5, 10-1-4-6.shared.data.svc.Z A 10.1.4.6
    _http._tcp.several.data.svc.Z SRV => SRV 0 50 8080 one.several.data.svc.Z, SRV 0 50 9090 two.several.data.svc.Z + one.several.data.svc.Z A 10.1.6.1, two.several.data.svc.Z A 10.1.6.2
    _admin._tcp.several.data.svc.Z SRV => SRV 0 100 8081 one.several.data.svc.Z + one.several.data.svc.Z A 10.1.6.1
    several.data.svc.Z SRV => SRV 0 33 8080 one.several.data.svc.Z, SRV 0 33 8081 one.several.data.svc.Z, SRV 0 33 9090 two.several.data.svc.Z + one.several.data.svc.Z A 10.1.6.1, two.several.data.svc.Z A 10.1.6.2
    one.several.data.svc.Z SRV => SRV 0 50 8080 one.several.data.svc.Z, SRV 0 50 8081 one.several.data.svc.Z + one.several.data.svc.Z A 10.1.6.1
    nameless.data.svc.Z SRV => SRV 0 100 7001 10-1-7-1.nameless.data.svc.Z + 10-1-7-1.nameless.data.svc.Z A 10.1.7.1
    _._tcp.nameless.data.svc.Z SRV => NXDOMAIN
    _tcp.nameless.data.svc.Z SRV => NXDOMAIN
    any-port.data.svc.Z SRV => NODATA
    any-port.data.svc.Z A => A 10.1.8.1
    _http._tcp.any-port.data.svc.Z SRV => NXDOMAIN
    _http._tcp.six-only.data.svc.Z SRV => SRV 0 100 8080 fd00-1-2--1.six-only.data.svc.Z + fd00-1-2--1.six-only.data.svc.Z AAAA fd00:1:2::1
    _pg._tcp.db.data.svc.Z A => NODATA
    _tcp.db.data.svc.Z SRV => NODATA
    _sql._tcp.db.data.svc.Z SRV => NXDOMAIN`,

  'StatefulSet pods, hostname and subdomain': `
    mysql.sql.svc.Z A => A 10.2.0.10, A 10.2.0.11
    mysql-0.mysql.sql.svc.Z A => A 10.2.0.10
    mysql-2.mysql.sql.svc.Z A => NXDOMAIN
    mysql-0.mysql-read.sql.svc.Z A => NXDOMAIN
    10-2-0-10.mysql-read.sql.svc.Z A => A 10.2.0.10
    10-2-0-10.mysql.sql.svc.Z A => NXDOMAIN
    _sql._tcp.mysql.sql.svc.Z SRV => SRV 0 50 3306 mysql-0.mysql.sql.svc.Z, SRV 0 50 3307 mysql-1.mysql.sql.svc.Z + mysql-0.mysql.sql.svc.Z A 10.2.0.10, mysql-1.mysql.sql.svc.Z A 10.2.0.11
    peers.sql.svc.Z A => A 10.2.0.10, A 10.2.0.11, A 10.2.0.12
    10-2-0-12.peers.sql.svc.Z A => A 10.2.0.12
    old-peers.sql.svc.Z A => A 10.2.0.10, A 10.2.0.11, A 10.2.0.12
    mysql-read.sql.svc.Z A => A 10.96.1.10`,

  'ExternalName (2.5), without an upstream': `
    out.default.svc.Z A => CNAME www.example.org
    out.default.svc.Z AAAA => CNAME www.example.org
    out.default.svc.Z CNAME => CNAME www.example.org
    out.default.svc.Z TXT => CNAME www.example.org
    out.default.svc.Z MX => CNAME www.example.org
    out.default.svc.Z HTTPS => CNAME www.example.org
    out.default.svc.Z SRV => CNAME www.example.org
    dotted.default.svc.Z A => CNAME www.example.org
    short.default.svc.Z A => CNAME db
    literal.default.svc.Z A => NXDOMAIN
    literal.default.svc.Z CNAME => NXDOMAIN
    alias.default.svc.Z A => CNAME web.default.svc.Z, web.default.svc.Z A 10.96.0.10
    alias.default.svc.Z AAAA => CNAME web.default.svc.Z
    alias.default.svc.Z CNAME => CNAME web.default.svc.Z
    _http._tcp.alias.default.svc.Z SRV => NXDOMAIN
    _tcp.alias.default.svc.Z SRV => NXDOMAIN
    10-1-0-1.alias.default.svc.Z A => NXDOMAIN
    chain.default.svc.Z A => CNAME alias.default.svc.Z, alias.default.svc.Z CNAME web.default.svc.Z, web.default.svc.Z A 10.96.0.10
    to-db.default.svc.Z A => CNAME db-0.db.data.svc.Z, db-0.db.data.svc.Z A 10.1.1.1
    to-six.default.svc.Z A => CNAME six.default.svc.Z
    to-six.default.svc.Z AAAA => CNAME six.default.svc.Z, six.default.svc.Z AAAA fd00:10:96::6
    to-missing.default.svc.Z A => CNAME missing.default.svc.Z NXDOMAIN
    to-localhost.default.svc.Z A => CNAME localhost, localhost A 127.0.0.1
    self.default.svc.Z A => NODATA
    self.default.svc.Z CNAME => CNAME self.default.svc.Z
    ring-a.default.svc.Z A => NODATA
    into-ring.default.svc.Z AAAA => NODATA
    link-2.links.svc.Z A => CNAME link-3.links.svc.Z, link-3.links.svc.Z CNAME link-4.links.svc.Z, link-4.links.svc.Z CNAME link-5.links.svc.Z, link-5.links.svc.Z CNAME link-6.links.svc.Z, link-6.links.svc.Z CNAME link-7.links.svc.Z, link-7.links.svc.Z CNAME link-8.links.svc.Z, link-8.links.svc.Z CNAME link-9.links.svc.Z, link-9.links.svc.Z CNAME link-10.links.svc.Z, link-10.links.svc.Z CNAME link-11.links.svc.Z, link-11.links.svc.Z CNAME link-12.links.svc.Z, link-12.links.svc.Z A 10.96.2.12
    link-1.links.svc.Z A => NODATA`,

  'pods by their address': `
    10-2-1-5.apps.pod.Z A => A 10.2.1.5
    10-2-1-5.apps.pod.Z AAAA => NODATA
    10-2-1-5.apps.pod.Z SRV => NODATA
    2001-db8-2--5.apps.pod.Z AAAA => AAAA 2001:db8:2::5
    2001-0db8-2-0-0-0-0-5.apps.pod.Z AAAA => AAAA 2001:db8:2::5
    2001-db8-2--5.apps.pod.Z A => NODATA
    10-2-1-5.default.pod.Z A => NXDOMAIN
    10-2-1-9.apps.pod.Z A => NXDOMAIN
    192-168-7-7.apps.pod.Z A => NXDOMAIN
    10-2-1-6.apps.pod.Z A => NXDOMAIN
    plain.apps.pod.Z A => NXDOMAIN
    10-2-1-05.apps.pod.Z A => NXDOMAIN
    10-2-1-256.apps.pod.Z A => NXDOMAIN
    10-2-1-5.nowhere.pod.Z A => NXDOMAIN
    x.10-2-1-5.apps.pod.Z A => NXDOMAIN
    apps.pod.Z A => NODATA
    bare.pod.Z A => NODATA
    nowhere.pod.Z A => NXDOMAIN
    pod.Z A => NODATA`,

  'the zone itself': `
    Z SOA => SOA ns.dns.Z hostmaster.Z
    Z NS => NS ns.dns.Z + ns.dns.Z A 127.0.0.1
    Z A => NODATA
    Z TXT => NODATA
    ns.dns.Z A => A 127.0.0.1
    ns.dns.Z AAAA => NODATA
    dns.Z A => NODATA
    x.dns.Z A => NXDOMAIN
    x.ns.dns.Z A => NXDOMAIN
    dns-version.Z TXT => TXT 1.1.0
    dns-version.Z A => NODATA
    x.dns-version.Z TXT => NXDOMAIN
    svc.Z A => NODATA
    svc.Z TXT => NODATA
    default.svc.Z A => NODATA
    data.svc.Z SRV => NODATA
    bare.svc.Z A => NODATA
    nowhere.svc.Z A => NXDOMAIN
    nowhere.svc.Z SOA => NXDOMAIN
    other.Z A => NXDOMAIN
    web.Z A => NXDOMAIN
    default.Z A => NXDOMAIN`,

  'names that do not exist': `
    missing.default.svc.Z A => NXDOMAIN
    missing.default.svc.Z AAAA => NXDOMAIN
    missing.default.svc.Z TXT => NXDOMAIN
    missing.default.svc.Z SOA => NXDOMAIN
    missing.default.svc.Z ANY => NXDOMAIN
    web.nowhere.svc.Z A => NXDOMAIN
    *.default.svc.Z A => NXDOMAIN
    any.default.svc.Z A => NXDOMAIN
    *.*.svc.Z A => NXDOMAIN
    a.b.c.web.default.svc.Z A => NXDOMAIN
    a.b.c.d.web.default.svc.Z A => NXDOMAIN
    a._http._tcp.web.default.svc.Z SRV => NXDOMAIN
    web\\.default.svc.Z A => NXDOMAIN
    web.default.svc\\.Z A => NXDOMAIN of local`,

  'addresses (2.3.3 and 2.4.3)': `
    10.0.96.10.in-addr.arpa PTR => PTR web.default.svc.Z
    6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa PTR => PTR six.default.svc.Z
    6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.D.F.IP6.ARPA PTR => PTR six.default.svc.Z
    20.0.96.10.in-addr.arpa PTR => PTR dual.default.svc.Z
    1.0.1.10.in-addr.arpa PTR => PTR 10-1-0-1.web.default.svc.Z
    3.0.1.10.in-addr.arpa PTR => PTR blue.web.default.svc.Z
    1.1.1.10.in-addr.arpa PTR => PTR db-0.db.data.svc.Z, PTR 10-1-1-1.twice.data.svc.Z
    10.0.2.10.in-addr.arpa PTR => PTR mysql-0.mysql.sql.svc.Z, PTR 10-2-0-10.old-peers.sql.svc.Z, PTR 10-2-0-10.peers.sql.svc.Z, PTR 10-2-0-10.mysql-read.sql.svc.Z
    10.0.96.10.in-addr.arpa A => NODATA of in-addr.arpa
    10.0.96.10.in-addr.arpa TXT => NODATA of in-addr.arpa
    0.96.10.in-addr.arpa PTR => NODATA of in-addr.arpa
    10.in-addr.arpa PTR => NODATA of in-addr.arpa
    2.0.1.10.in-addr.arpa PTR => NXDOMAIN of in-addr.arpa
    99.99.96.10.in-addr.arpa PTR => NXDOMAIN of in-addr.arpa
    256.0.96.10.in-addr.arpa PTR => NXDOMAIN of in-addr.arpa
    010.0.96.10.in-addr.arpa PTR => NXDOMAIN of in-addr.arpa
    1.10.0.96.10.in-addr.arpa PTR => NXDOMAIN of in-addr.arpa
    1.0.0.127.in-addr.arpa PTR => PTR localhost
    1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa PTR => PTR localhost
    2.0.0.127.in-addr.arpa PTR => NXDOMAIN of in-addr.arpa`,

  'names that are special everywhere (RFC 6761)': `
    localhost A => A 127.0.0.1
    localhost AAAA => AAAA ::1
    app.localhost A => A 127.0.0.1
    localhost MX => NODATA of localhost
    invalid A => NXDOMAIN of invalid
    x.invalid A => NXDOMAIN of invalid
    x.test A => NXDOMAIN of test
    printer.local A => NXDOMAIN of local`,

  'names of others, without forwarding': `
    example.org A => REFUSED
    org NS => REFUSED
    cluster.locale A => REFUSED
    8.8.8.8.in-addr.arpa PTR => REFUSED`,
};
