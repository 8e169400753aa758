//! The certificate authorities of Amazon RDS, by region: what `sslmode=verify-full` trusts.
//!
//! The files in `data/rds-ca` are public facts, published by AWS as certificate bundles: for each
//! region the three self-signed roots `rds-ca-rsa2048-g1`, `-rsa4096-g1` and `-ecc384-g1` that
//! RDS can be told to use (`ca_cert_identifier`). A region that AWS opened later is not in there;
//! the caller says so instead of connecting without proof.

use include_dir::{Dir, include_dir};

static CERTIFICATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data/rds-ca");

/// The region's certificate authorities as one PEM text, or `None` for a region without.
pub fn rds_ca_bundle(region: &str) -> Option<String> {
    let file = CERTIFICATES.get_file(format!("{region}.pem"))?;
    file.contents_utf8().map(str::to_owned)
}

/// Every region with certificates, sorted.
pub fn rds_regions() -> Vec<&'static str> {
    let mut regions: Vec<_> =
        CERTIFICATES.files().filter_map(|file| file.path().file_stem()?.to_str()).collect();
    regions.sort_unstable();
    regions
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    #[test]
    fn has_three_readable_authorities_for_each_region() {
        for region in rds_regions() {
            let bundle = rds_ca_bundle(region).unwrap();
            let mut trusted = rustls::RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(bundle.as_bytes()) {
                let certificate = certificate.unwrap();
                let name = format!("Amazon RDS {region} Root CA ");
                let holds_name =
                    certificate.windows(name.len()).any(|window| window == name.as_bytes());
                assert!(holds_name, "{region}.pem holds the certificate of another region");
                trusted.add(certificate).unwrap();
            }
            assert_eq!(trusted.len(), 3, "{region}");
        }
    }

    #[test]
    fn knows_its_regions() {
        assert!(rds_regions().contains(&"eu-central-1"));
        assert!(rds_regions().contains(&"us-east-1"));
        assert_eq!(rds_ca_bundle("xx-nowhere-1"), None);
        assert_eq!(rds_ca_bundle("../eu-central-1"), None);
    }
}
