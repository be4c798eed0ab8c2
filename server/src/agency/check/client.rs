//! `[[clients]]` and `[bidding]`.

use std::collections::BTreeSet;

use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use touroku_proto::{
    agency::{AgencyProfile, Way},
    sign_in::{Client, ClientScope},
};

use super::finding::{Finding, at, is_code};
use crate::{agency::layers::Step, oidc::uri};

/// The shortest RSA key, in bits (RFC 7518, 3.3).
const LEAST_RSA: u32 = 2048;

pub(super) fn check(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    if let Some(bidding) = &profile.bidding {
        if bidding.name.trim().is_empty() {
            found.push((at(&["bidding", "name"]), "電子入札システムの名前が空です".to_owned()));
        }
        if !uri::is_safe(&bidding.url) {
            found.push((at(&["bidding", "url"]), "URLはhttps://で始めます".to_owned()));
        }
    }
    let mut codes = BTreeSet::new();
    for (index, client) in profile.clients.iter().enumerate() {
        let mut wrong = |key: &str, message: String| {
            let place = vec![Step::Key("clients".into()), Step::Index(index), Step::Key(key.into())];
            found.push((place, message));
        };
        if !is_code(&client.code) {
            wrong("code", "clientsのcodeは半角の英小文字・数字・ハイフンで書きます".to_owned());
        }
        if !codes.insert(&client.code) {
            wrong("code", format!("clientsのcode「{}」が二度あります", client.code));
        }
        if client.name.trim().is_empty() {
            wrong("name", "電子入札システムの名前が空です".to_owned());
        }
        check_uris(client, &mut wrong);
        check_proofs(client, &mut wrong);
        for code in client.categories.iter().filter(|code| profile.category(code).is_none()) {
            wrong("categories", format!("区分「{code}」がありません"));
        }
        let is_possible = profile.categories.iter().any(|category| {
            let ways = [Way::Card, Way::Password];
            client.is_for(&category.code)
                && ways.into_iter().any(|way| client.takes(way) && category.access.allows(way))
        });
        if !is_possible {
            wrong("ways", "このシステムに、ログインできる区分がありません".to_owned());
        }
    }
}

fn check_uris(client: &Client, wrong: &mut impl FnMut(&str, String)) {
    if client.redirect_uris.is_empty() && !client.may(ClientScope::Feed) {
        wrong("redirect_uris", "redirect_urisには一つ以上書きます".to_owned());
    }
    if !client.webhook_uri.is_empty() && !client.may(ClientScope::Feed) {
        wrong("webhook_uri", "webhook_uriを書くときは、scopesにfeedも書きます".to_owned());
    }
    let lists = [
        ("redirect_uris", &client.redirect_uris[..]),
        ("post_logout_redirect_uris", &client.post_logout_redirect_uris[..]),
        ("backchannel_logout_uri", std::slice::from_ref(&client.backchannel_logout_uri)),
        ("webhook_uri", std::slice::from_ref(&client.webhook_uri)),
    ];
    for (key, uris) in lists {
        for uri in uris.iter().filter(|uri| !(is_single(key) && uri.is_empty())) {
            if !uri::is_safe(uri) {
                wrong(
                    key,
                    format!(
                        "「{uri}」は使えません。https://で始まり、#のないURLを書きます（http://はlocalhostだけ）"
                    ),
                );
            }
        }
    }
}

/// Whether that key has one address or none.
fn is_single(key: &str) -> bool {
    ["backchannel_logout_uri", "webhook_uri"].contains(&key)
}

fn check_proofs(client: &Client, wrong: &mut impl FnMut(&str, String)) {
    if client.secret_sha256.is_empty() && client.public_keys.is_empty() {
        wrong("code", "secret_sha256（秘密のSHA-256）かpublic_keys（公開鍵）のどちらかが要ります".to_owned());
    }
    let is_hash = |text: &String| hex::decode(text).is_ok_and(|bytes| bytes.len() == 32);
    if client.secret_sha256.len() > 2 || !client.secret_sha256.iter().all(is_hash) {
        wrong("secret_sha256", "secret_sha256には、16進数64文字を二つまで書きます".to_owned());
    }
    let is_key = |pem: &String| PKey::public_key_from_pem(pem.as_bytes()).is_ok_and(|key| is_usable(&key));
    if !client.public_keys.iter().all(is_key) {
        wrong(
            "public_keys",
            "public_keysには、RSA（2048ビット以上）かP-256の公開鍵をPEMで書きます".to_owned(),
        );
    }
}

fn is_usable(key: &PKey<Public>) -> bool {
    match key.id() {
        Id::RSA => key.bits() >= LEAST_RSA,
        Id::EC => key.ec_key().is_ok_and(|key| key.group().curve_name() == Some(Nid::X9_62_PRIME256V1)),
        _ => false,
    }
}
