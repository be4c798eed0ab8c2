//! Anchors and CRLs on the disk.

use touroku_pki::{Trust, verify_certificate};
use touroku_server::trust::{TrustFiles, TrustSources};

use crate::support::authority::{Authority, Card, NOW, Spec};

fn decide(trust: &Trust, card: &Card, at: i64) -> &'static str {
    verify_certificate(trust, &card.der(), at).code()
}

#[test]
fn changed_files_are_read_again_and_broken_ones_leave_the_former() {
    let folder = tempfile::tempdir().unwrap();
    let (anchor, list) = (folder.path().join("root.pem"), folder.path().join("root.crl"));
    let root = Authority::root();
    let card = root.issue(Spec::card());
    std::fs::write(&anchor, root.pem()).unwrap();
    std::fs::write(&list, root.crl(&[])).unwrap();
    let files = TrustFiles::open(TrustSources {
        anchors: vec![anchor],
        crls: vec![list.clone()],
        ..TrustSources::default()
    })
    .unwrap();
    assert_eq!(decide(&files.current(), &card, NOW), "ok");
    std::fs::write(&list, root.crl(&[7])).unwrap();
    assert_eq!(decide(&files.current(), &card, NOW), "certificate_revoked");
    std::fs::write(&list, b"half").unwrap();
    assert_eq!(decide(&files.current(), &card, NOW), "certificate_revoked");
    std::fs::write(&list, root.crl(&[8])).unwrap();
    assert_eq!(decide(&files.current(), &card, NOW), "ok");
}
