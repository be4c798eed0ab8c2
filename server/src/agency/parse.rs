//! One profile, by itself.

use std::sync::LazyLock;

use serde::Deserialize;
use touroku_proto::{agency::AgencyProfile, sign_in::Client};

use super::{
    check,
    layers::{Layer, Layers, Step},
    mistake::Mistake,
    read::{Read, read},
    schema::Shape,
};

/// What a profile may contain.
pub(super) static SHAPE: LazyLock<Shape> = LazyLock::new(Shape::of::<AgencyProfile>);

/// The key of whom an agency lets sign contractors in.
pub(super) const CLIENTS: &str = "clients";

/// Parses a profile's text, with the server's mail texts where it has none of its own; or returns everything wrong
/// with it, in the order of the text.
pub fn parse_profile(text: &str) -> Result<AgencyProfile, Vec<Mistake>> {
    let parsed = parse(Layers(&[&Layer::parse(text)]));
    parsed.map_err(|found| found.into_iter().map(|(_, mistake)| mistake).collect())
}

/// Parses a profile of several layers: a member's text, beneath it its portal's. The mistakes are in the order of
/// the layers and their texts.
pub(super) fn parse(layers: Layers<'_>) -> Result<AgencyProfile, Vec<(usize, Mistake)>> {
    let Read { value: mut profile, mut mistakes, unknown } = read::<AgencyProfile>(layers, &SHAPE);
    if let Some(profile) = &mut profile {
        add_portals_clients(&mut profile.clients, layers);
    }
    let findings = profile.iter().flat_map(check::findings).chain(portals_own(layers));
    let findings = findings.filter(|(path, _)| !unknown.iter().any(|unknown| hides(unknown, path)));
    mistakes.extend(findings.map(|(path, message)| layers.mistake(&path, &message)));
    mistakes.sort_by_key(|(layer, mistake)| (*layer, mistake.line, mistake.column));
    match profile {
        Some(mut profile) if mistakes.is_empty() => {
            complete(&mut profile);
            Ok(profile)
        }
        _ => Err(mistakes),
    }
}

/// Lists are inherited as a whole, but a portal's bidding systems are every member's, whichever others a member has: its
/// own of the same code takes the place of the portal's.
fn add_portals_clients(clients: &mut Vec<Client>, layers: Layers<'_>) {
    let has_own = layers.top().is_some_and(|top| top.get_ref().get(CLIENTS).is_some());
    if !has_own {
        return;
    }
    for beneath in 1..layers.0.len() {
        // What can't be read there is a mistake of the portal's file, and reported with the members that inherit it.
        let portals: OnlyClients = toml::from_str(layers.text(beneath)).unwrap_or_default();
        for client in portals.clients {
            if !clients.iter().any(|own| own.code == client.code) {
                clients.push(client);
            }
        }
    }
}

/// A profile's text, of which nothing else is read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct OnlyClients {
    clients: Vec<Client>,
}

/// What stands in a member's file, or in that of an agency without a portal, although it is the portal's.
fn portals_own(layers: Layers<'_>) -> Vec<check::Finding> {
    let is_written = |key: &&str| layers.top().is_some_and(|top| top.get_ref().get(*key).is_some());
    let keys = ["portal", "shared"].into_iter().filter(is_written);
    keys.map(|key| (vec![Step::Key(key.into())], format!("[{key}]は、共同利用のportal.tomlにだけ書きます")))
        .collect()
}

/// Fills in what follows from the rest.
fn complete(profile: &mut AgencyProfile) {
    crate::mail::fill_texts(profile);
    if let Some(hours) = profile.hours.as_ref().filter(|_| profile.hours_rule.is_empty()) {
        profile.hours_rule = hours.words().into();
    }
    if let Some(portal) = &mut profile.portal {
        portal.member = profile.name.clone();
        profile.name = portal.name.followed_by(&portal.member);
    }
}

/// Whether a finding at `path` may be a consequence of something that could not be parsed.
fn hides(unknown: &[Step], path: &[Step]) -> bool {
    // If one field, or a whole part, of a form is unknown, none of its fields are known.
    let is_form = matches!(unknown, [Step::Key(key), _, ..] if key == "forms")
        && (unknown.len() < 7 || unknown.last() == Some(&Step::Key("field".into())));
    let names_form = matches!(path, [Step::Key(key), .., Step::Key(last)]
        if key == "categories" && last.ends_with("form"));
    path.starts_with(unknown)
        || unknown.starts_with(path)
        || (is_form && (names_form || path.get(..2) == unknown.get(..2)))
}
