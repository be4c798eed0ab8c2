//! `cargo xtask generate`: what the extension's JavaScript needs from `proto`, the texts of card errors, and the API's
//! description, generated from where each is defined. Never edited by hand.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use touroku_proto::{
    CHECK_UP_SINCE, HOST_NAME, OLDEST_PROTOCOL, PIN_ENTRY_SINCE, PROTOCOL, SIGN_SINCE,
    card::{
        Browser, CardError, CardErrorCode, CardSummary, Desk, Finding, HostCommand, HostMessage, KnownSite,
        LogLevel, PageReply, PageRequest, Part, Pin, PinRules, Purpose, Reader, ReaderState, ServiceState,
        Severity, SiteDesk, Status,
    },
    document::{Document, DocumentSignature, MAX_DOCUMENT},
    origin::Origin,
    text::is_forbidden,
    token::{NONCE_LENGTH, Nonce, Token},
};
use ts_rs::{Config, TS};

const TEXTS: &str = "texts/card.ja.toml";
const MARK: &str = "// Written by `cargo xtask generate` from proto. Changes made here are lost.\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    pin_unanswered: String,
    codes: BTreeMap<String, Text>,
}

/// The texts for one code.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Text {
    what: String,
    next: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    managed: Option<String>,
    #[serde(skip_serializing)]
    command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<String>,
    #[serde(skip_serializing)]
    my_number: Option<MyNumber>,
}

/// Different texts for a My Number Card.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct MyNumber {
    what: String,
    next: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<String>,
    /// `municipality` by default.
    #[serde(default = "municipality")]
    desk: String,
}

fn municipality() -> String {
    "municipality".to_owned()
}

/// Writes all files again.
pub(crate) fn generate(root: &Path) -> Result<()> {
    for (file, content) in files(root)? {
        fs::write(root.join(file), content).with_context(|| file.to_owned())?;
    }
    Ok(())
}

/// Each generated file with its contents.
fn files(root: &Path) -> Result<Vec<(&'static str, String)>> {
    let text = fs::read_to_string(root.join(TEXTS)).context(TEXTS)?;
    let catalogue: Catalogue = toml::from_str(&text).context(TEXTS)?;
    for code in CardErrorCode::ALL {
        ensure!(catalogue.codes.contains_key(code.as_str()), "{TEXTS}: no text for {}", code.as_str());
    }
    let is_known = |name: &str| CardErrorCode::ALL.iter().any(|code| code.as_str() == name);
    for name in catalogue.codes.keys() {
        ensure!(is_known(name), "{TEXTS}: {name} is no code");
    }
    Ok(vec![
        ("proto/src/card/text.rs", rust(&catalogue)?),
        ("extension/codes.js", codes()),
        ("extension/errors.js", errors(&catalogue)?),
        ("extension/limits.js", limits()?),
        ("extension/types.d.ts", types()),
        ("docs/openapi.json", crate::openapi::document()?),
    ])
}

/// The texts for page, host and command line: a function per part, so that a program contains only those it uses.
fn rust(catalogue: &Catalogue) -> Result<String> {
    let mut file = format!(
        "//! What is said of each card error, in Japanese.\n{}\nuse super::CardErrorCode as Code;\n",
        MARK.replacen("//", "//!", 1)
    );
    let pin_unanswered = serde_json::to_string(&catalogue.pin_unanswered)?;
    write!(
        file,
        "\n/// Behind what happened, where the PIN had gone to the card and its answer never came.\n\
         #[rustfmt::skip]\npub const PIN_UNANSWERED: &str = {pin_unanswered};\n"
    )?;
    type Part = fn(&Text) -> Option<&String>;
    let always: [(&str, &str, Part); 2] = [
        ("what", "What happened.", |text| Some(&text.what)),
        ("next", "What to do next.", |text| Some(&text.next)),
    ];
    let sometimes: [(&str, &str, Part); 3] = [
        ("managed", "What to do next where an administrator looks after the computer.", |text| {
            text.managed.as_ref()
        }),
        ("command", "What to do next at the command line.", |text| text.command.as_ref()),
        ("sent", "What happened, where the PIN had gone to the card.", |text| text.sent.as_ref()),
    ];
    let always = always.map(|(name, doc, part)| (name, doc, part, true));
    let sometimes = sometimes.map(|(name, doc, part)| (name, doc, part, false));
    for (name, doc, part, is_always) in always.into_iter().chain(sometimes) {
        let (result, begin, end) = match is_always {
            // The last line lets this build when a new code has no text yet, so that the text can be written.
            true => ("&'static str", "match code {", "        _ => \"\",\n    }\n"),
            false => ("Option<&'static str>", "Some(match code {", "        _ => return None,\n    })\n"),
        };
        write!(
            file,
            "\n/// {doc}\n#[rustfmt::skip]\n#[allow(unreachable_patterns)]\npub fn {name}(code: Code) -> {result} {{\n    {begin}\n"
        )?;
        for code in CardErrorCode::ALL {
            if let Some(text) = catalogue.codes.get(code.as_str()).and_then(part) {
                writeln!(file, "        Code::{code:?} => {},", serde_json::to_string(text)?)?;
            }
        }
        writeln!(file, "{end}}}")?;
    }
    Ok(file)
}

/// The codes, with whom to call.
fn codes() -> String {
    let desks = Desk::ALL.map(|desk| format!("\"{}\"", desk.as_str())).join(" | ");
    let mut file = format!(
        "{MARK}\n/**\n * Every code of a card error: whom to call, and whether another try, another card or another \
         moment mends it in the\n * card window.\n * @type {{Record<string, {{ desk: {desks}, retriable: boolean \
         }}>}}\n */\nexport const CODES = {{\n"
    );
    for code in CardErrorCode::ALL {
        let (name, desk, retriable) = (code.as_str(), code.desk().as_str(), code.is_retriable());
        file.push_str(&format!("  {name}: {{ desk: \"{desk}\", retriable: {retriable} }},\n"));
    }
    file + "};\n"
}

/// The texts for the card window.
fn errors(catalogue: &Catalogue) -> Result<String> {
    let pin_unanswered = serde_json::to_string(&catalogue.pin_unanswered)?;
    let mut file = format!(
        "{MARK}\n/** Behind what happened, where the PIN had gone to the card and its answer never came. */\n\
         export const PIN_UNANSWERED = {pin_unanswered};\n\n/** @type {{Record<string, {{ what: string, next: \
         string, window?: string, managed?: string, sent?: string }}>}} */\nexport const ERRORS = {{\n"
    );
    let texts = || CardErrorCode::ALL.iter().filter_map(|code| catalogue.codes.get_key_value(code.as_str()));
    for (name, text) in texts() {
        writeln!(file, "  {name}: {},", serde_json::to_string(text)?)?;
    }
    file.push_str(
        "};\n\n/** What is said otherwise of a My Number Card. @type {Record<string, { what: string, next: string, \
         sent?: string, desk: string }>} */\nexport const MY_NUMBER_ERRORS = {\n",
    );
    for (name, text) in texts() {
        if let Some(text) = &text.my_number {
            writeln!(file, "  {name}: {},", serde_json::to_string(text)?)?;
        }
    }
    Ok(file + "};\n")
}

/// Protocols, names and limits.
fn limits() -> Result<String> {
    let purposes = Purpose::inline(&Config::new()).replace(" | ", ", ");
    let unseen = unseen();
    let (shortest, longest) = (NONCE_LENGTH.start(), NONCE_LENGTH.end());
    let host_name = serde_json::to_string(HOST_NAME)?;
    Ok(format!(
        "{MARK}
export const PROTOCOL = {PROTOCOL};
export const OLDEST_PROTOCOL = {OLDEST_PROTOCOL};
/** The protocol that brought `check_up`: older hosts are not asked for one. */
export const CHECK_UP_SINCE = {CHECK_UP_SINCE};
/** The protocol in which a host may be asked to ask for the PIN itself. */
export const PIN_ENTRY_SINCE = {PIN_ENTRY_SINCE};
/** The protocol that brought `sign`: older hosts are not asked for one. */
export const SIGN_SINCE = {SIGN_SINCE};
export const HOST_NAME = {host_name};

/** The longest application, in bytes of UTF-8. */
export const MAX_DOCUMENT = {MAX_DOCUMENT};

/** A nonce's length, in characters. */
export const NONCE_LENGTH = {{ min: {shortest}, max: {longest} }};

/** Characters that are not seen, or that make others look like something else; a line's end is none of them. */
export const UNSEEN = /[{unseen}]/u;

export const PURPOSES = /** @type {{const}} */ ([{purposes}]);
"
    ))
}

/// The ranges of forbidden characters, for a regular expression's character class.
fn unseen() -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for c in ('\0'..=char::MAX).filter(|&c| c != '\n' && is_forbidden(c)) {
        let c = u32::from(c);
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == c => *last = c,
            _ => ranges.push((c, c)),
        }
    }
    let one = |c: u32| format!("\\u{{{c:x}}}");
    let range = |(first, last): (u32, u32)| match first == last {
        true => one(first),
        false => format!("{}-{}", one(first), one(last)),
    };
    ranges.into_iter().map(range).collect()
}

/// The types, for the type check.
fn types() -> String {
    let cfg = Config::new();
    let mut file = MARK.to_owned();
    let declarations = [
        Browser::decl(&cfg),
        CardError::decl(&cfg),
        CardSummary::decl(&cfg),
        Document::decl(&cfg),
        DocumentSignature::decl(&cfg),
        Finding::decl(&cfg),
        HostCommand::decl(&cfg),
        HostMessage::decl(&cfg),
        KnownSite::decl(&cfg),
        LogLevel::decl(&cfg),
        Nonce::decl(&cfg),
        Origin::decl(&cfg),
        PageReply::decl(&cfg),
        PageRequest::decl(&cfg),
        Part::decl(&cfg),
        Pin::decl(&cfg),
        PinRules::decl(&cfg),
        Purpose::decl(&cfg),
        Reader::decl(&cfg),
        ReaderState::decl(&cfg),
        ServiceState::decl(&cfg),
        Severity::decl(&cfg),
        SiteDesk::decl(&cfg),
        Status::decl(&cfg),
        Token::decl(&cfg),
    ];
    for declaration in declarations {
        // Comments belong to proto and stay there.
        let declaration = without_comments(&declaration);
        file.push_str(&format!("\nexport {declaration}\n"));
    }
    file + "\nexport * from \"./internal\";\n"
}

fn without_comments(declaration: &str) -> String {
    let mut rest = declaration;
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once("/**") {
        plain.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_generated_is_as_it_would_be_generated_now() {
        let root = crate::workspace_root();
        for (file, content) in files(&root).unwrap() {
            let there = fs::read_to_string(root.join(file)).unwrap_or_default();
            assert!(there == content, "{file} is out of date: cargo xtask generate");
        }
    }

    #[test]
    fn every_text_is_a_sentence() {
        let text = fs::read_to_string(crate::workspace_root().join(TEXTS)).unwrap();
        let catalogue: Catalogue = toml::from_str(&text).unwrap();
        for (code, text) in &catalogue.codes {
            let my_number = text.my_number.iter().flat_map(|other| [&other.what, &other.next]);
            let more = [&text.window, &text.managed, &text.command, &text.sent].into_iter().flatten();
            for sentence in [&text.what, &text.next].into_iter().chain(more).chain(my_number) {
                assert!(sentence.ends_with('。') && sentence.chars().count() >= 8, "{code}: {sentence}");
            }
        }
    }
}
