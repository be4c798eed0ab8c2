//! Certification authorities: issuer-specific rules and information.

use std::{path::Path, sync::LazyLock};

use schemars::JsonSchema;
use serde::Deserialize;
use touroku_pki::{IssuerRules, Policy, is_fetched};
use touroku_proto::{
    api::AuthorityView,
    certificate::{DisplayMap, Facts, is_attribute},
};

use super::{
    error::Error,
    files::toml_files,
    layers::{Layer, Layers, Step},
    mistake::{FileMistake, Mistake},
    read::{Read, read},
    schema::Shape,
};

/// What such a file may contain.
static SHAPE: LazyLock<Shape> = LazyLock::new(Shape::of::<Authority>);

/// How a [`Policy`] is written.
#[derive(JsonSchema)]
#[schemars(extend("format" = "policy"))]
struct PolicyText(#[allow(dead_code, reason = "for its schema")] String);

/// A file in `agencies/ca/`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Authority {
    /// The name of its file, without `.toml`.
    #[serde(skip)]
    pub(super) code: String,
    /// The CA, or its service, as its customers know it.
    name: String,
    /// `attribute=value` pairs that the issuer's name must all contain; empty: any issuer; `None`: unknown, the
    /// file matches no certificate.
    #[serde(default)]
    issuer: Option<Vec<String>>,
    /// Where the displayed names are found.
    #[serde(default)]
    pub(super) display: DisplayMap,
    /// Certificate policies; the path of its cards must be valid for one of them.
    #[serde(default)]
    #[schemars(with = "Vec<PolicyText>")]
    require_policies: Vec<Policy>,
    /// URLs of its CRLs, `http:` or `ldap:`.
    #[serde(default)]
    crl_urls: Vec<String>,
    /// Its OCSP responders, `http:`.
    #[serde(default)]
    ocsp_urls: Vec<String>,
    #[serde(default)]
    help_desk: HelpDesk,
    /// How a locked card is unlocked, in paragraphs.
    #[serde(default)]
    unlock: Vec<String>,
    /// The number of wrong PINs after which a card locks.
    #[serde(default)]
    tries: Option<u8>,
    /// Where its PKCS#11 modules are installed, by system. The host has its own list; this tells the administrator
    /// what to put there.
    #[serde(default)]
    pkcs11: Modules,
}

/// The help desk; absent details are empty.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct HelpDesk {
    phone: String,
    email: String,
    url: String,
}

/// Absolute paths of PKCS#11 modules.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Modules {
    windows: Vec<String>,
    macos: Vec<String>,
    linux: Vec<String>,
}

impl Authority {
    /// Whether the certificate is from this issuer.
    pub(super) fn issued(&self, facts: &Facts) -> bool {
        self.issuer.as_ref().is_some_and(|issuer| facts.issued_by(issuer))
    }

    /// Whether its own certificates can be recognised.
    pub(super) fn is_recognised(&self) -> bool {
        self.issuer.as_ref().is_some_and(|issuer| !issuer.is_empty())
    }

    /// How many attributes the issuer's name must have; more means more specific.
    pub(super) fn weight(&self) -> usize {
        self.issuer.as_ref().map_or(0, Vec::len)
    }

    /// Requirements on its certificates, and where its lists are; `None`: nothing special, or the issuer is
    /// unknown.
    pub(super) fn rules(&self) -> Option<IssuerRules> {
        let issuer = self.issuer.clone()?;
        let is_special =
            !(self.require_policies.is_empty() && self.crl_urls.is_empty() && self.ocsp_urls.is_empty());
        is_special.then(|| IssuerRules {
            issuer,
            name: self.name.clone(),
            require_policies: self.require_policies.clone(),
            crl_urls: self.crl_urls.clone(),
            ocsp_urls: self.ocsp_urls.clone(),
        })
    }

    /// What contractors may know about it; `None`: the file is for any issuer.
    pub(super) fn view(&self) -> Option<AuthorityView> {
        let is_for_any = self.issuer.as_ref().is_some_and(Vec::is_empty);
        (!is_for_any).then(|| AuthorityView {
            name: self.name.clone(),
            code: self.code.clone(),
            issuer: self.issuer.clone().unwrap_or_default(),
            phone: self.help_desk.phone.clone(),
            email: self.help_desk.email.clone(),
            url: self.help_desk.url.clone(),
            unlock: self.unlock.clone(),
            tries: self.tries,
        })
    }
}

/// Reads every `*.toml` in the folder; none, if there is no such folder.
///
/// # Errors
/// [`Error::Mistakes`] with the mistakes of every file.
pub(super) fn read_folder(folder: &Path) -> Result<Vec<Authority>, Error> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let (mut authorities, mut mistakes) = (Vec::new(), Vec::new());
    for path in toml_files(folder)? {
        let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
        match parse(&text) {
            Ok(authority) => {
                let code = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                authorities.push(Authority { code, ..authority });
            }
            Err(found) => {
                mistakes.extend(found.into_iter().map(|mistake| FileMistake { path: path.clone(), mistake }));
            }
        }
    }
    if mistakes.is_empty() { Ok(authorities) } else { Err(Error::Mistakes(mistakes)) }
}

/// Parses a file's text, or returns what is wrong with it.
fn parse(text: &str) -> Result<Authority, Vec<Mistake>> {
    let layer = Layer::parse(text);
    let layers = Layers(&[&layer]);
    let Read { value: authority, mistakes, unknown: _ } = read::<Authority>(layers, &SHAPE);
    let mut mistakes: Vec<Mistake> = mistakes.into_iter().map(|(_, mistake)| mistake).collect();
    let Some(authority) = authority.filter(|_| mistakes.is_empty()) else { return Err(mistakes) };
    let mut wrong = |path: &[Step], message: String| mistakes.push(layers.mistake(path, &message).1);
    for (index, pair) in authority.issuer.iter().flatten().enumerate() {
        if !pair.split_once('=').is_some_and(|(key, value)| is_attribute(key) && !value.is_empty()) {
            let path = [Step::Key("issuer".into()), Step::Index(index)];
            wrong(&path, format!("「{pair}」は「属性=値」（例 O=組織名）ではありません"));
        }
    }
    let display = &authority.display;
    for (key, alternatives) in [
        ("company_name", &display.company_name),
        ("company_address", &display.company_address),
        ("holder_name", &display.holder_name),
        ("holder_address", &display.holder_address),
        ("corporate_number", &display.corporate_number),
    ] {
        for (index, alternative) in alternatives.iter().enumerate() {
            let path = [Step::Key("display".into()), Step::Key(key.into()), Step::Index(index)];
            if alternative.trim().is_empty() {
                wrong(&path, "空です".to_owned());
            }
            for attribute in alternative.split_whitespace().filter(|attribute| !is_place(attribute)) {
                wrong(
                    &path,
                    format!("「{attribute}」は「subject.属性」でも「alt.属性」でもないか、知らない属性です"),
                );
            }
        }
    }
    let key = |key: &str| vec![Step::Key(key.to_owned())];
    if authority.name.trim().is_empty() {
        wrong(&key("name"), "空です".to_owned());
    }
    let is_for_any = authority.issuer.as_ref().is_some_and(Vec::is_empty);
    for (name, urls, is_good, schemes) in [
        ("crl_urls", &authority.crl_urls, is_fetched as fn(&str) -> bool, "http:かldap:"),
        ("ocsp_urls", &authority.ocsp_urls, |url: &str| url.starts_with("http://"), "http:"),
    ] {
        for (index, url) in urls.iter().enumerate().filter(|(_, url)| !is_good(url)) {
            let path = [Step::Key(name.to_owned()), Step::Index(index)];
            wrong(&path, format!("「{url}」は使えません。{schemes}のアドレスを書きます"));
        }
        // They would apply to nobody, or to everybody's cards.
        if !urls.is_empty() && (is_for_any || authority.issuer.is_none()) {
            wrong(&key(name), "issuerに発行者の名前があるときだけ書きます".to_owned());
        }
    }
    if !authority.require_policies.is_empty() && authority.issuer.is_none() {
        wrong(&key("require_policies"), "issuerがあるときだけ書きます".to_owned());
    }
    // The PIN retry counter of a card has four bits (ISO/IEC 7816-4, 63 CX).
    if authority.tries.is_some_and(|tries| !(1..=15).contains(&tries)) {
        wrong(&key("tries"), "1から15までの回数を書きます".to_owned());
    }
    let modules = &authority.pkcs11;
    let is_windows = |path: &str| {
        path.get(1..3) == Some(":\\") && path.starts_with(|drive: char| drive.is_ascii_alphabetic())
    };
    for (system, paths, is_good) in [
        ("windows", &modules.windows, is_windows as fn(&str) -> bool),
        ("macos", &modules.macos, |path: &str| path.starts_with('/')),
        ("linux", &modules.linux, |path: &str| path.starts_with('/')),
    ] {
        for (index, path) in paths.iter().enumerate().filter(|(_, path)| !is_good(path)) {
            let place = [Step::Key("pkcs11".into()), Step::Key(system.into()), Step::Index(index)];
            wrong(&place, format!("「{path}」は絶対パスではありません"));
        }
    }
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    if mistakes.is_empty() { Ok(authority) } else { Err(mistakes) }
}

fn is_place(attribute: &str) -> bool {
    let parts = attribute.split_once('.');
    parts.is_some_and(|(place, key)| matches!(place, "subject" | "alt") && is_attribute(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = include_str!("../../../agencies/ca/default.toml");

    #[test]
    fn mistakes_in_an_authority_are_named_where_they_stand() {
        assert!(parse(SOUND).is_ok());
        for (find, replace, place) in [
            ("issuer = []", "issuer = [\"O=x\", \"O\"]", "\"O\"]"),
            ("issuer = []", "issuer = [\"Org=x\"]", "\"Org=x\"]"),
            ("\"alt.O\"", "\"alt.OO\"", "\"alt.OO\""),
            ("\"alt.O\"", "\"issuer.O\"", "\"issuer.O\""),
            ("\"alt.O\"", "\"alt.2.5.4.10\"", "\"alt.2.5.4.10\""),
            ("holder_name", "holder", "holder"),
            ("name = ", "nam = ", "nam"),
            ("issuer = []", "issuer = []\ncrl_urls = [\"http://a/\"]", "[\"http"),
            ("issuer = []", "issuer = [\"O=x\"]\ncrl_urls = [\"https://a/\"]", "\"https"),
            ("issuer = []", "issuer = [\"O=x\"]\ncrl_urls = [\"ldap:///c=JP\"]", "\"ldap"),
            ("issuer = []", "issuer = [\"O=x\"]\nocsp_urls = [\"ldap://a/c=JP\"]", "\"ldap"),
            ("issuer = []", "issuer = [\"O=x\"]\nrequire_policies = [\"1.02\"]", "\"1.02"),
            ("issuer = []", "require_policies = [\"1.2.3\"]", "[\"1.2.3"),
            ("issuer = []", "issuer = []\ntries = 16", "16"),
            ("\n[display]", "\n[help_desk]\nfax = \"1\"\n[display]", "fax"),
            ("\n[display]", "\n[pkcs11]\nlinux = [\"a.so\"]\n[display]", "\"a.so"),
            ("\n[display]", "\n[pkcs11]\nwindows = [\"/a.dll\"]\n[display]", "\"/a.dll"),
        ] {
            let text = SOUND.replacen(find, replace, 1);
            let found = parse(&text).unwrap_err();
            let at = |mistake: &Mistake| -> String {
                let line = text.lines().nth(mistake.line - 1).unwrap();
                line.chars().skip(mistake.column - 1).collect()
            };
            assert!(found.iter().any(|mistake| at(mistake).starts_with(place)), "{replace}: {found:?}");
            // A typo in a key is an unknown key and a missing one.
            let most = if matches!(place, "holder" | "nam") { 2 } else { 1 };
            assert!(found.len() <= most, "{replace}: {found:?}");
        }
        assert!(parse(&SOUND.replacen("\"alt.O\"", "\"alt.1.2.392.200119.1 subject.CN\"", 1)).is_ok());
    }
}
