//! What a proxy says of the client that it speaks for: it counts if the proxy is trusted, from the last word backwards, since
//! whatever stands before may be the client's own. The header `Forwarded` is not read: a proxy that writes `X-Forwarded-*` lets a
//! client's through.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{self, HeaderMap};

/// The client's address: the peer's, or as long as that is a trusted proxy's the one that it names.
pub fn client(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> Option<IpAddr> {
    let mut client = peer?.to_canonical();
    for said in values(headers, "x-forwarded-for").into_iter().rev() {
        if !trusted.contains(&client) {
            break;
        }
        // nobody knows what stands before something that is no address
        let Some(before) = address(said) else { break };
        client = before;
    }
    Some(client)
}

/// Scheme and host that the client asked for.
pub fn asked(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> (&'static str, String) {
    let host = || headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !peer.is_some_and(|peer| trusted.contains(&peer.to_canonical())) {
        return ("http", host().to_owned());
    }
    let last = |name| values(headers, name).pop().filter(|v| !v.is_empty());
    let scheme = if last("x-forwarded-proto").is_some_and(|v| v.eq_ignore_ascii_case("https")) { "https" } else { "http" };
    (scheme, last("x-forwarded-host").unwrap_or_else(host).to_owned())
}

/// The values of all headers of a name, in their order; an empty one for what is no text.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    headers.get_all(name).flat_map(|value| value.to_str().unwrap_or_default().split(',')).map(str::trim).collect()
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        map
    }

    #[test]
    fn a_peer_is_known_in_whichever_way_its_address_is_written() {
        let trusted = [ip("10.0.0.1"), ip("2001:db8::1")];
        let said = headers(&[("x-forwarded-for", "192.0.2.1")]);
        // a socket that takes both families names the older addresses in the newer's way
        for peer in ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "2001:0db8:0:0::1"] {
            assert_eq!(client(Some(ip(peer)), &said, &trusted), Some(ip("192.0.2.1")), "{peer}");
        }
        for peer in ["10.0.0.2", "::ffff:10.0.0.2", "2001:db8::2"] {
            assert_eq!(client(Some(ip(peer)), &said, &trusted), Some(ip(peer).to_canonical()), "{peer}");
        }
        assert_eq!(client(None, &said, &trusted), None);
        // what is no text is no address, and hides nothing that stands before it
        let broken = HeaderValue::from_bytes(b"192.0.2.9, \xff").unwrap();
        let mut said = said;
        said.append(HeaderName::from_static("x-forwarded-for"), broken);
        assert_eq!(client(Some(ip("10.0.0.1")), &said, &trusted), Some(ip("10.0.0.1")));
    }

    #[test]
    fn addresses_may_have_a_port() {
        for text in ["192.0.2.1", "192.0.2.1:80", "::ffff:192.0.2.1", "[::ffff:192.0.2.1]:80"] {
            assert_eq!(address(text), Some(ip("192.0.2.1")), "{text}");
        }
        for text in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443"] {
            assert_eq!(address(text), Some(ip("2001:db8::1")), "{text}");
        }
        for text in ["", "unknown", "_hidden", "192.0.2", "192.0.2.1.5", "example.org", "[192.0.2.1", "é"] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_word_is_the_proxys() {
        let said = headers(&[
            ("host", "inside"),
            ("x-forwarded-host", "evil.example, one.example"),
            ("x-forwarded-host", "two.example"),
            ("x-forwarded-proto", "http, https"),
            ("forwarded", "for=192.0.2.9;host=evil.example;proto=http"),
        ]);
        assert_eq!(asked(Some(ip("10.0.0.1")), &said, &[ip("10.0.0.1")]), ("https", "two.example".to_owned()));
        assert_eq!(asked(Some(ip("10.0.0.2")), &said, &[ip("10.0.0.1")]), ("http", "inside".to_owned()));
        assert_eq!(client(Some(ip("10.0.0.1")), &said, &[ip("10.0.0.1")]), Some(ip("10.0.0.1")));
    }
}
