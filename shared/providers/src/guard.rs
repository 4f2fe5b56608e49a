//! Which addresses a URL that a customer typed may lead to.
//!
//! Invariant: without an entry in the allow-list nothing but public unicast addresses is reachable, by TLS, on the
//! usual ports. Ranges are those of the IANA special-purpose registries (RFC 6890) and of the clouds' metadata services.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
    sync::LazyLock,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// Ports that need no entry in the allow-list.
const PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Why a call is not made at all. The text is for the person who typed the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// What `DUNDUN_ALLOW_HOSTS` permits beyond public addresses: host names and networks. Allow-listed hosts pass on
/// any port and by plain http. Empty by default.
#[derive(Debug, Clone, Default)]
pub struct AllowList {
    names: Vec<String>,
    nets: Vec<IpNet>,
}

impl FromStr for AllowList {
    type Err = Refused;

    /// A comma list of host names (exact), addresses and CIDRs: `gateway.local, 127.0.0.1, 10.1.0.0/16, fd00::/8`.
    fn from_str(text: &str) -> Result<Self, Refused> {
        let mut list = Self::default();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let bare = entry.trim_start_matches('[').trim_end_matches(']');
            if let Ok(net) = bare.parse::<IpNet>() {
                list.nets.push(net.trunc());
            } else if let Ok(address) = bare.parse::<IpAddr>() {
                list.nets.push(address.to_canonical().into());
            } else {
                // The parser of URLs, so that both sides write a name alike (case, internationalised names).
                match Host::parse(entry) {
                    Ok(Host::Domain(name)) if !name.contains('*') => list.names.push(bare_name(&name).to_owned()),
                    _ => return Err(Refused(format!("`{entry}` is neither a host name nor an address nor a CIDR"))),
                }
            }
        }
        Ok(list)
    }
}

impl AllowList {
    /// Whether the list has this host name.
    pub fn has_name(&self, name: &str) -> bool {
        let name = bare_name(name);
        self.names.iter().any(|listed| listed.eq_ignore_ascii_case(name))
    }

    /// Whether the list has a network with this address.
    pub fn has_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.nets.iter().any(|net| net.contains(&address))
    }

    /// Whether a name that resolved to this address may be connected to there.
    pub fn permits(&self, address: IpAddr) -> bool {
        is_public(address) || self.has_address(address)
    }
}

/// How a URL that passed is to be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Any public or allow-listed address: the URL keeps the strict rules.
    Public,
    /// Only if the name or every address it resolves to is allow-listed: the URL is plain http or on an unusual port.
    Listed,
}

/// Checks what can be known of a URL without resolving its host.
pub fn check(allow: &AllowList, url: &Url) -> Result<Reach, Refused> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused("only http and https addresses can be called".to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused("a user name or password in the address is not taken; use a header".to_owned()));
    }
    let strict = url.scheme() == "https" && url.port_or_known_default().is_some_and(|port| PORTS.contains(&port));
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain(name)) if bare_name(name).is_empty() => {
            return Err(Refused("the address has no host".to_owned()));
        }
        Some(Host::Domain(name)) if allow.has_name(name) => return Ok(Reach::Listed),
        // With networks on the list only the resolver can tell whether this name lies in one.
        Some(Host::Domain(_)) if strict => return Ok(Reach::Public),
        Some(Host::Domain(_)) if !allow.nets.is_empty() => return Ok(Reach::Listed),
        Some(Host::Domain(_)) => return Err(unusual(url)),
        None => return Err(Refused("the address has no host".to_owned())),
    };
    reach_of_literal(allow, literal, strict, || unusual(url))
}

/// Ports of mail servers: relaying, submission with implicit TLS and with STARTTLS, and what stands in for the last.
const MAIL_PORTS: [u16; 4] = [25, 465, 587, 2525];

/// Checks the host and port of a mail server as far as that goes without resolving it: a host that is not listed has to be
/// public, on a port of mail, and the connection has to be encrypted.
pub fn check_mail_server(allow: &AllowList, host: &str, port: u16, encrypted: bool) -> Result<Reach, Refused> {
    let strict = encrypted && MAIL_PORTS.contains(&port);
    let unusual = || {
        let what = if encrypted {
            "only ports 25, 465, 587 and 2525 can be used"
        } else {
            "only encrypted connections can be made"
        };
        Refused(format!("{what}; the operator can allow the host with the setting DUNDUN_ALLOW_HOSTS"))
    };
    let host =
        Host::parse(host).map_err(|_| Refused("expected the name or the address of a mail server".to_owned()))?;
    let literal = match host {
        Host::Domain(name) if allow.has_name(&name) => return Ok(Reach::Listed),
        Host::Domain(_) if strict => return Ok(Reach::Public),
        Host::Domain(_) if !allow.nets.is_empty() => return Ok(Reach::Listed),
        Host::Domain(_) => return Err(unusual()),
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
    };
    reach_of_literal(allow, literal, strict, unusual)
}

/// How a literal address may be connected to.
fn reach_of_literal(
    allow: &AllowList,
    address: IpAddr,
    strict: bool,
    unusual: impl FnOnce() -> Refused,
) -> Result<Reach, Refused> {
    if allow.has_address(address) {
        Ok(Reach::Listed)
    } else if !is_public(address) {
        Err(not_public())
    } else if strict {
        Ok(Reach::Public)
    } else {
        Err(unusual())
    }
}

/// The refusal of an address that is not public.
pub fn not_public() -> Refused {
    Refused(
        "the host is not on the public internet; the operator can allow it with the setting DUNDUN_ALLOW_HOSTS"
            .to_owned(),
    )
}

/// The refusal of a scheme or port that only allow-listed hosts may use.
pub fn unusual(url: &Url) -> Refused {
    let what = if url.scheme() == "https" {
        "only ports 80, 443, 8080 and 8443 can be called"
    } else {
        "only https can be called"
    };
    Refused(format!("{what}; the operator can allow the host with the setting DUNDUN_ALLOW_HOSTS"))
}

fn bare_name(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether the address is a public unicast one. Addresses of IPv4 wrapped in IPv6 (mapped, NAT64, 6to4, Teredo) are
/// not: they are ways round this very check.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_UNICAST_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address))
        }
    }
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>, multicast, reserved, and one cloud's host service.
static NOT_PUBLIC_V4: LazyLock<Vec<Ipv4Net>> = LazyLock::new(|| {
    [
        ([0, 0, 0, 0], 8),        // this network
        ([10, 0, 0, 0], 8),       // private
        ([100, 64, 0, 0], 10),    // carrier-grade NAT; 100.100.100.200 is Alibaba's metadata service
        ([127, 0, 0, 0], 8),      // loopback
        ([168, 63, 129, 16], 32), // Azure's host service
        ([169, 254, 0, 0], 16),   // link-local; 169.254.169.254 is the metadata service of AWS and others
        ([172, 16, 0, 0], 12),    // private
        ([192, 0, 0, 0], 24),     // IETF protocols; 192.0.0.192 is Oracle's metadata service
        ([192, 0, 2, 0], 24),     // documentation
        ([192, 88, 99, 0], 24),   // 6to4 relays
        ([192, 168, 0, 0], 16),   // private
        ([198, 18, 0, 0], 15),    // benchmarks
        ([198, 51, 100, 0], 24),  // documentation
        ([203, 0, 113, 0], 24),   // documentation
        ([224, 0, 0, 0], 4),      // multicast
        ([240, 0, 0, 0], 4),      // reserved, broadcast
    ]
    .into_iter()
    .map(|(octets, length)| Ipv4Net::new_assert(Ipv4Addr::from(octets), length))
    .collect()
});

/// <https://www.iana.org/assignments/ipv6-unicast-address-assignments>: what is outside is loopback, mapped
/// (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`, `64:ff9b:1::/48`), unique local (`fc00::/7`), link-local (`fe80::/10`)
/// or multicast.
static GLOBAL_UNICAST_V6: LazyLock<Ipv6Net> =
    LazyLock::new(|| Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3));

/// <https://www.iana.org/assignments/iana-ipv6-special-registry>, inside the global unicast range.
static NOT_PUBLIC_V6: LazyLock<Vec<Ipv6Net>> = LazyLock::new(|| {
    [
        ([0x2001, 0], 23),      // IETF protocols, Teredo among them
        ([0x2001, 0x0db8], 32), // documentation
        ([0x2002, 0], 16),      // 6to4
        ([0x3fff, 0], 20),      // documentation
    ]
    .into_iter()
    .map(|([a, b], length)| Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), length))
    .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(text: &str) -> AllowList {
        text.parse().unwrap()
    }

    fn reach(list: &str, url: &str) -> Option<Reach> {
        check(&allow(list), &Url::parse(url).unwrap()).ok()
    }

    #[test]
    fn every_special_range_is_refused() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn public_addresses_pass() {
        for address in [
            "8.8.8.8",
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn spellings_of_an_address_do_not_get_round_it() {
        for url in [
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://127.0.0.1./",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://[0:0:0:0:0:ffff:169.254.169.254]/",
            "https://①②⑦.⓪.⓪.①/",
            "https://user@8.8.8.8/",
            "https://8.8.8.8:443@127.0.0.1/",
            "https://user:pass@example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://./",
        ] {
            assert_eq!(Url::parse(url).ok().and_then(|url| check(&AllowList::default(), &url).ok()), None, "{url}");
        }
    }

    #[test]
    fn only_tls_on_the_usual_ports() {
        assert_eq!(reach("", "https://example.com/send"), Some(Reach::Public));
        assert_eq!(reach("", "https://example.com:8443/send"), Some(Reach::Public));
        assert_eq!(reach("", "https://8.8.8.8/"), Some(Reach::Public));
        assert_eq!(reach("", "http://example.com/send"), None);
        assert_eq!(reach("", "http://8.8.8.8/send"), None);
        assert_eq!(reach("", "https://example.com:22/"), None);
        assert_eq!(reach("", "https://example.com:6379/"), None);
    }

    #[test]
    fn the_allow_list_opens_names_addresses_and_networks() {
        let list = "Gateway.Example., 127.0.0.1, 10.1.0.0/16, [fd00::1], fd12::/16";
        for url in [
            "http://gateway.example:9000/",
            "http://GATEWAY.example./",
            "http://127.0.0.1:1234/",
            "http://10.1.2.3/",
            "http://[fd00::1]:99/",
            "http://[fd12::9]/",
            "http://[::ffff:127.0.0.1]:80/",
            "http://2130706433:4000/",
        ] {
            assert_eq!(reach(list, url), Some(Reach::Listed), "{url}");
        }
        for url in
            ["http://127.0.0.2/", "http://10.2.0.1/", "https://10.2.0.1/", "http://[fd00::2]/", "http://8.8.8.8/"]
        {
            assert_eq!(reach(list, url), None, "{url}");
        }
        // A name might resolve into a listed network; the resolver decides.
        assert_eq!(reach(list, "http://other.example:9000/"), Some(Reach::Listed));
        assert_eq!(reach("gateway.example", "http://other.example:9000/"), None);
        assert!("a b".parse::<AllowList>().is_err());
        assert!("10.0.0.0/33".parse::<AllowList>().is_err());
        assert!("*.example.com".parse::<AllowList>().is_err());
        assert!(allow("").names.is_empty() && allow(" , ").nets.is_empty());
    }
}
