//! An OCSP responder for one test, as honest or as hostile as required.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode};
use openssl::{
    hash::{MessageDigest, hash},
    sign::Signer,
    x509::extension::ExtendedKeyUsage,
};
use tokio::net::TcpListener;
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};

use super::{
    authority::{Authority, Card, NOW, Spec},
    der,
};

/// CertStatus.
pub const GOOD: &[u8] = &[0x80, 0];
pub const UNKNOWN: &[u8] = &[0x82, 0];

/// RevokedInfo since an hour.
pub fn revoked() -> Vec<u8> {
    der::tlv(0xA1, &der::time(NOW - 3600))
}

/// What a response should be like.
pub struct Response<'a> {
    pub issuer: &'a Authority,
    pub card: &'a Card,
    pub status: Vec<u8>,
    pub this_update: i64,
    pub next_update: Option<i64>,
    pub signer: &'a Authority,
    pub certificates: Vec<&'a Authority>,
    pub nonce: Option<Vec<u8>>,
    /// Of responseExtensions, besides the nonce.
    pub extensions: Vec<Vec<u8>>,
    pub digest: MessageDigest,
}

impl<'a> Response<'a> {
    /// A valid one, signed by the issuer itself.
    pub fn good(issuer: &'a Authority, card: &'a Card) -> Self {
        Self {
            issuer,
            card,
            status: GOOD.to_vec(),
            this_update: NOW - 600,
            next_update: Some(NOW + 3600),
            signer: issuer,
            certificates: Vec::new(),
            nonce: None,
            extensions: Vec::new(),
            digest: MessageDigest::sha256(),
        }
    }

    pub fn der(&self) -> Vec<u8> {
        let name_hash =
            hash(MessageDigest::sha1(), &self.issuer.certificate.subject_name().to_der().unwrap());
        let issuer = self.issuer.der();
        let (_, issuer) = X509Certificate::from_der(&issuer).unwrap();
        let key = &issuer.public_key().subject_public_key.data;
        let serial = self.card.certificate.serial_number().to_bn().unwrap().to_vec();
        let id = der::sequence(&[
            der::sequence(&[der::oid(&[0x2B, 0x0E, 3, 2, 0x1A]), der::tlv(5, &[])]),
            der::tlv(4, &name_hash.unwrap()),
            der::tlv(4, &hash(MessageDigest::sha1(), key).unwrap()),
            der::tlv(2, &serial),
        ]);
        let mut single = vec![id, self.status.clone(), der::time(self.this_update)];
        single.extend(self.next_update.map(|next| der::tlv(0xA0, &der::time(next))));
        let mut data = vec![
            der::tlv(0xA1, &self.signer.certificate.subject_name().to_der().unwrap()),
            der::time(self.this_update),
            der::sequence(&[der::sequence(&single)]),
        ];
        let mut extensions = self.extensions.clone();
        if let Some(nonce) = &self.nonce {
            extensions.push(der::extension(&[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 2], false, &der::tlv(4, nonce)));
        }
        if !extensions.is_empty() {
            data.push(der::tlv(0xA1, &der::sequence(&extensions)));
        }
        let data = der::sequence(&data);
        // ecdsa-with-SHA256, ecdsa-with-SHA1.
        let algorithm: &[u8] = if self.digest == MessageDigest::sha256() {
            &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]
        } else {
            &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01]
        };
        let signature =
            Signer::new(self.digest, &self.signer.key).unwrap().sign_oneshot_to_vec(&data).unwrap();
        let mut basic = vec![
            data,
            der::sequence(&[der::oid(algorithm)]),
            der::tlv(3, &[&[0], signature.as_slice()].concat()),
        ];
        if !self.certificates.is_empty() {
            let list: Vec<Vec<u8>> = self.certificates.iter().map(|it| it.der()).collect();
            basic.push(der::tlv(0xA0, &der::sequence(&list)));
        }
        successful(&der::sequence(&basic))
    }
}

fn successful(basic: &[u8]) -> Vec<u8> {
    let bytes = der::sequence(&[der::oid(&[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1]), der::tlv(4, basic)]);
    der::sequence(&[der::tlv(0x0A, &[0]), der::tlv(0xA0, &bytes)])
}

/// A response without an answer, with that OCSPResponseStatus.
pub fn status(status: u8) -> Vec<u8> {
    der::sequence(&[der::tlv(0x0A, &[status])])
}

/// A certificate for a delegated responder.
pub fn delegate(nocheck: bool) -> Spec {
    let mut usage = ExtendedKeyUsage::new();
    usage.other("OCSPSigning");
    let nocheck = nocheck.then(|| ("1.3.6.1.5.5.7.48.1.5", false, vec![5, 0]));
    Spec {
        name: "Responder",
        serial: 90,
        extended: Some(usage),
        extensions: nocheck.into_iter().collect(),
        ..Spec::card()
    }
}

/// A responder's web server: answers with what was last put there, and keeps its requests.
#[derive(Clone, Default)]
pub struct Web(Arc<Mutex<Shelf>>);

/// The response; the requests.
type Shelf = (Option<Vec<u8>>, Vec<Vec<u8>>);

impl Web {
    pub async fn start(&self) -> String {
        async fn answer(State(web): State<Web>, body: Bytes) -> Result<Vec<u8>, StatusCode> {
            let mut web = web.0.lock().unwrap();
            web.1.push(body.to_vec());
            web.0.clone().ok_or(StatusCode::SERVICE_UNAVAILABLE)
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        format!("http://{address}/ocsp")
    }

    pub fn put(&self, body: Option<Vec<u8>>) {
        self.0.lock().unwrap().0 = body;
    }

    pub fn asked(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().1.clone()
    }
}

/// `openssl ocsp` on a port of its own choice.
pub struct Responder(Child);

impl Responder {
    pub fn start(folder: &Path, root: &Authority, signer: &Authority, index: &str) -> (Self, String) {
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
        write("ca.pem", &root.pem());
        write("signer.pem", &signer.pem());
        write("signer.key", &signer.key.private_key_to_pem_pkcs8().unwrap());
        write("index.txt", index.as_bytes());
        let arguments =
            "ocsp -port 0 -index index.txt -CA ca.pem -rsigner signer.pem -rkey signer.key -nmin 5";
        let mut child = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        // ACCEPT 0.0.0.0:41203 PID=12
        let port = line.split_whitespace().nth(1).unwrap().rsplit(':').next().unwrap().to_owned();
        (Self(child), format!("http://127.0.0.1:{port}/"))
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
