//! Is an address one of the public internet? What is not, a sync never connects to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The special ranges of IPv4 (IANA's registry, RFC 6890 and its successors): first address and length of the prefix.
const SPECIAL_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// The special ranges inside 2000::/3, the only part of IPv6 that is routed: protocol assignments with Teredo,
/// documentation, 6to4 (which carries any IPv4 address), AS112.
const SPECIAL_V6: &[([u16; 3], u32)] =
    &[([0x2001, 0, 0], 23), ([0x2001, 0x0db8, 0], 32), ([0x2002, 0, 0], 16), ([0x2620, 0x004f, 0x8000], 48), ([0x3fff, 0, 0], 20)];

/// Is it an address that anybody on the internet could answer from?
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !SPECIAL_V4.iter().any(|(start, length)| (bits ^ Ipv4Addr::from(*start).to_bits()) >> (32 - length) == 0)
}

#[expect(clippy::many_single_char_names, reason = "the parts of an address have no better names")]
fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let [a, b, c, d, e, f, ..] = address.segments();
    // an IPv4 address in IPv6 clothes is judged as what it is: mapped, or through NAT64
    if [a, b, c, d, e, f] == [0, 0, 0, 0, 0, 0xffff] || [a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [.., w, x, y, z] = address.octets();
        return is_public_v4(Ipv4Addr::new(w, x, y, z));
    }
    let is_routed = a & 0xe000 == 0x2000;
    let special = SPECIAL_V6.iter().any(|([x, y, z], length)| {
        let start = Ipv6Addr::new(*x, *y, *z, 0, 0, 0, 0, 0).to_bits();
        (bits ^ start) >> (128 - length) == 0
    });
    is_routed && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_special_addresses_are_not_public() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2620:4f:8000::1",
            "5f00::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "185.199.108.133",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2001:200::1",
            "2606:50c0:8000::154",
            "2a00:1450:4001::1",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }
}
