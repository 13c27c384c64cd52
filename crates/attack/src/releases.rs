//! The published ATT&CK releases and the SHA-256 of each one's STIX 2.1 bundle, from 14.0 on.
//!
//! Facts, published by the ATT&CK team with its own Python library (mitreattack-python 6.3.1). They let any official
//! release be verified by its version alone, wherever the bytes came from.

use crate::stix::Domain;

/// A published release of one domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// The domain.
    pub domain: Domain,
    /// `18.1`.
    pub version: &'static str,
    /// SHA-256 of the bundle's bytes, lower-case hex.
    pub sha256: &'static str,
}

impl Release {
    /// Where the ATT&CK team publishes it.
    pub fn url(&self) -> String {
        let (name, version) = (self.domain.attack_name(), self.version);
        format!("https://raw.githubusercontent.com/mitre-attack/attack-stix-data/master/{name}/{name}-{version}.json")
    }
}

/// All known releases: by domain, oldest first.
pub const fn releases() -> &'static [Release] {
    &RELEASES
}

/// The release of a domain by its version.
pub fn find(domain: Domain, version: &str) -> Option<&'static Release> {
    RELEASES.iter().find(|release| release.domain == domain && release.version == version)
}

/// The release that has this hash, in either case of hex.
pub fn by_sha256(hex: &str) -> Option<&'static Release> {
    RELEASES.iter().find(|release| release.sha256.eq_ignore_ascii_case(hex))
}

/// What a sync takes when nothing else is said: the newest Enterprise release.
pub const fn default_pin() -> &'static Release {
    &DEFAULT_PIN
}

const DEFAULT_PIN: Release = release(Domain::Enterprise, "20.0", "81113ba98afa2928f3dcff62022539f7ce30c315c32e14422f11ff95ce534352");

const fn release(domain: Domain, version: &'static str, sha256: &'static str) -> Release {
    Release { domain, version, sha256 }
}

const RELEASES: [Release; 42] = [
    release(Domain::Enterprise, "14.0", "87d503af611d2545f62224ef65e90b07e14935176b88d407a6574f38676353cd"),
    release(Domain::Enterprise, "14.1", "13af7514ad1bcb59deba6b6b46571168544bbe674eb52f41361916bb1cd9c3d6"),
    release(Domain::Enterprise, "15.0", "f327d6bfac80e09db35fdabb2e92ccaecffb8c370f59555dbbaadaf930323cc0"),
    release(Domain::Enterprise, "15.1", "a57988bffe402bb3e19d92dbe80a12143e1970b814e013e080f9df2fa5a3f6bc"),
    release(Domain::Enterprise, "16.0", "b7c3d0bc3ba895a95bd79a8a441362a74388aebee16a223e4421d72bfb2922d0"),
    release(Domain::Enterprise, "16.1", "8423d8dac3fc2feb825bb07d26e5f5d905e08a88f6fe4652cc20834cbe982813"),
    release(Domain::Enterprise, "17.0", "c8966a9a55f1723c0082910f4522af448514343f84ffb9a3e757bdd59642d057"),
    release(Domain::Enterprise, "17.1", "0d1c347a4d584cf7e11ef46556c33b7689341443bf86299188d46c307274323b"),
    release(Domain::Enterprise, "18.0", "ff94838b09edfe7d59eec1cd7af0a1e229c4bc0ae0bdfa98ad170aeec9c3e272"),
    release(Domain::Enterprise, "18.1", "f857d8f78f2f0c0b7db321a711a39fba98546c1e3076a657684850c83d0962fb"),
    release(Domain::Enterprise, "19.0", "df520ea0775a57db7bff760145b02fed89290802913e056b7ed5970b02f3626a"),
    release(Domain::Enterprise, "19.1", "bdf1ce86a4e604214c5076d37ae4dcb322678afc528df8492e6fdc1b554f5da3"),
    release(Domain::Enterprise, "19.2", "dc1639caa5501d720e280cf1cbd8fbe009884a0c9b3e6e9ed9d0c25166c3d8f4"),
    DEFAULT_PIN,
    release(Domain::Mobile, "14.0", "4b2f63e2fd127f6977796047ba3fa96278024553f9195acb34782e6838f37a7d"),
    release(Domain::Mobile, "14.1", "3b861ccf2e884fd69a947d4ba9b4b9ab019fcd29d4b49f25c8e22960cebc71af"),
    release(Domain::Mobile, "15.0", "4345a378e16648b35f0777fb1b0a83cfacbcdf4e5fc555d6f415ef50ef135a0b"),
    release(Domain::Mobile, "15.1", "96d498a5c913ff679eefda17b1f0d30d0351bd5f68ba41d1b02b66e5146a5738"),
    release(Domain::Mobile, "16.0", "ddea27149eddebb4e77c6ebb4e2fd2f92c71ef8627bbf7610c37e055a2adb7fd"),
    release(Domain::Mobile, "16.1", "f84d5bb908c918aadf6cfbdfe0e801fce354e943d999c684b01eefa81da95941"),
    release(Domain::Mobile, "17.0", "932287bfd5e708f836fa1115d2b776934ad490d5fe94b3b4e25a140f0f636fd2"),
    release(Domain::Mobile, "17.1", "33968697b94a5ff5568016a28bbcc93f7869dc2f2b2653ead833758867ab5bc9"),
    release(Domain::Mobile, "18.0", "f5f7f21c8daa59cc83f94432f0d77743be14d717f61f0464465b663508ef6d4f"),
    release(Domain::Mobile, "18.1", "c6dd56996586b2d1484e6555f9f5307f379dff24e7632e6af23097ef25656ea9"),
    release(Domain::Mobile, "19.0", "e6c65d1c5b22ad9eb52811c9a0b66f31537d4a4ea71f40da9dfee96412a42315"),
    release(Domain::Mobile, "19.1", "423cbceb604770c8997845151fe7cc4813de01033b8cc50c84dd3bd0d96d8322"),
    release(Domain::Mobile, "19.2", "acfa5ca2d93484476f79bf38590e2b55bb675fc0ce85e76bffa0af2c82dada64"),
    release(Domain::Mobile, "20.0", "824f7d8a37e7893b29e4c6ca6d87b5fbbf3b228ec6384f1a69ee20d523ff59e5"),
    release(Domain::Ics, "14.0", "af632a34542dfe2b14eb00995ab3240ab963caeea420337255bc7211b9e17a07"),
    release(Domain::Ics, "14.1", "580c7d8638fa01cefc155efba96aced80190179b9cdae0eaa0490a57571f186a"),
    release(Domain::Ics, "15.0", "854ae8f06400d677b3d1a3bb4675f9aec8b8863726d77b0211164fc96814d6a9"),
    release(Domain::Ics, "15.1", "a995c65a1ae068a4c26d1c37281b298a107d61ff0b84e57c538f07f4c4bf55e8"),
    release(Domain::Ics, "16.0", "65a41a855c4b84ae693d2ef96fbb1e4860f496224e68a1a2448f0e2463b4a6d4"),
    release(Domain::Ics, "16.1", "86204d062732edf593d3736fef0b302832b5a8c601f21ff446c76f23779ea2b3"),
    release(Domain::Ics, "17.0", "e16dbcb5de0d7a79d9550d690e850841f266e8cdabc0f3c8da8331232c50612b"),
    release(Domain::Ics, "17.1", "cb207f963ca270994d9dabefe52237d46cf25056f154057f4b961f1c0803a8f3"),
    release(Domain::Ics, "18.0", "e0c64def90415d548131009ba2ba4d8a4a725ca2293861a4cc2f9e8712625531"),
    release(Domain::Ics, "18.1", "a7c0106492843485340710be9e841c1584d8fc6da8950e7097db0e7b5bc9f164"),
    release(Domain::Ics, "19.0", "4a986f4a440aa0c36bd352e9b320de82160c456a680f7700fe4585d90b4a2522"),
    release(Domain::Ics, "19.1", "a91f659d6d03095e84089630b098edb2ed9d5cd5b1ea41369b27846cd32f2a43"),
    release(Domain::Ics, "19.2", "08b83d2cea6b6d6752468ef0e62e2ab2a53c9443ef72c439ecccb07ab9e89da9"),
    release(Domain::Ics, "20.0", "c9ca0ce523a1b5e512060a390415e8aefe8f6d32c5f82d7de81264960c1e1183"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn parts(version: &str) -> (u32, u32) {
        let (major, minor) = version.split_once('.').unwrap();
        (major.parse().unwrap(), minor.parse().unwrap())
    }

    #[test]
    fn the_pin_is_the_newest_enterprise_release() {
        let newest = releases().iter().filter(|r| r.domain == Domain::Enterprise).max_by_key(|r| parts(r.version)).unwrap();
        assert_eq!(newest, default_pin());
        assert_eq!(default_pin().version, "20.0");
        assert_eq!(default_pin().sha256, "81113ba98afa2928f3dcff62022539f7ce30c315c32e14422f11ff95ce534352");
    }

    #[test]
    fn hashes_are_hex_and_no_release_stands_twice() {
        let mut hashes = HashSet::new();
        let mut names = HashSet::new();
        for release in releases() {
            assert_eq!(release.sha256.len(), 64);
            assert!(release.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
            assert!(hashes.insert(release.sha256));
            assert!(names.insert((release.domain, release.version)));
        }
    }

    #[test]
    fn a_release_is_found_by_version_and_by_hash() {
        let release = find(Domain::Enterprise, "19.2").unwrap();
        assert_eq!(release.sha256, "dc1639caa5501d720e280cf1cbd8fbe009884a0c9b3e6e9ed9d0c25166c3d8f4");
        assert_eq!(by_sha256(&release.sha256.to_uppercase()), Some(release));
        assert!(find(Domain::Ics, "13.1").is_none());
        assert!(by_sha256("").is_none());
    }

    #[test]
    fn the_address_follows_the_domain_and_the_version() {
        let release = find(Domain::Mobile, "17.1").unwrap();
        let expected = "https://raw.githubusercontent.com/mitre-attack/attack-stix-data/master/mobile-attack/mobile-attack-17.1.json";
        assert_eq!(release.url(), expected);
    }
}
