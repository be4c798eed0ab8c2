//! CRLs as found in files and on the network: DER, or PEM with one or several.

/// The CRLs in these bytes as DER, at least one; `None`: something else.
pub fn crls_of(bytes: Vec<u8>) -> Option<Vec<Vec<u8>>> {
    let is_crl = |der: &[u8]| openssl::x509::X509Crl::from_der(der).is_ok();
    if !is_pem(&bytes) {
        return is_crl(&bytes).then(|| vec![bytes]);
    }
    let mut lists = Vec::new();
    for pem in x509_parser::pem::Pem::iter_from_buffer(&bytes) {
        let pem = pem.ok()?;
        if pem.label == "X509 CRL" {
            lists.push(pem.contents);
        }
    }
    (!lists.is_empty() && lists.iter().all(|der| is_crl(der))).then_some(lists)
}

/// Whether these bytes are PEM, whatever they contain.
pub fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).take(64 * 1024).any(|window| window == b"-----BEGIN ")
}
