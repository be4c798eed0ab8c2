//! One profile, by itself.

use std::sync::LazyLock;

use touroku_proto::{agency::AgencyProfile, sign_in::Client};

use super::{
    check,
    layers::{Layer, Layers, Step},
    mistake::Mistake,
    read::{Read, read, read_key},
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
    let mut added = Added::default();
    if let Some(profile) = &mut profile {
        mistakes.extend(added.add(&mut profile.clients, layers));
    }
    let findings = profile.iter().flat_map(check::findings).chain(portals_own(layers));
    let findings = findings
        .filter(|(path, _)| !unknown.iter().any(|unknown| hides(unknown, path)) && !added.hides(path));
    mistakes.extend(findings.map(|(path, message)| added.mistake(layers, &path, &message)));
    mistakes.sort_by_key(|(layer, mistake)| (*layer, mistake.line, mistake.column));
    match profile {
        Some(mut profile) if mistakes.is_empty() => {
            complete(&mut profile);
            Ok(profile)
        }
        _ => Err(mistakes),
    }
}

/// The portal's bidding systems beside a member's own. Lists are inherited as a whole, but these are every member's,
/// whichever others it has; one of the same code takes the place of the portal's.
#[derive(Default)]
struct Added {
    /// How many are the member's own.
    own: usize,
    /// The place of each further one in the portal's list.
    places: Vec<usize>,
    /// What could not be read there.
    unknown: Vec<Vec<Step>>,
}

impl Added {
    /// Adds them, and returns what is wrong with the portal's list.
    fn add(&mut self, clients: &mut Vec<Client>, layers: Layers<'_>) -> Vec<(usize, Mistake)> {
        self.own = clients.len();
        let has_own = layers.top().is_some_and(|top| top.get_ref().get(CLIENTS).is_some());
        let shape = match &*SHAPE {
            Shape::Table(table) => table.keys.iter().find(|key| key.name == CLIENTS),
            _ => None,
        };
        let (Some(shape), true, [_, beneath @ ..]) = (shape, has_own, layers.0) else { return Vec::new() };
        let Read { value, mistakes, unknown } =
            read_key::<Vec<Client>>(Layers(beneath), CLIENTS, &shape.shape);
        self.unknown = unknown;
        for (place, client) in value.unwrap_or_default().into_iter().enumerate() {
            if !clients[..self.own].iter().any(|own| own.code == client.code) {
                clients.push(client);
                self.places.push(place);
            }
        }
        mistakes.into_iter().map(|(layer, mistake)| (layer + 1, mistake)).collect()
    }

    /// Where in the portal's text that is, if it is in one of these.
    fn place(&self, path: &[Step]) -> Option<Vec<Step>> {
        let [clients @ Step::Key(key), Step::Index(index), within @ ..] = path else { return None };
        let place = self.places.get(index.checked_sub(self.own).filter(|_| key == CLIENTS)?)?;
        let mut path = vec![clients.clone(), Step::Index(*place)];
        path.extend(within.iter().cloned());
        Some(path)
    }

    fn hides(&self, path: &[Step]) -> bool {
        self.place(path).is_some_and(|place| self.unknown.iter().any(|unknown| hides(unknown, &place)))
    }

    /// A mistake at `path` of the profile, where it is written.
    fn mistake(&self, layers: Layers<'_>, path: &[Step], message: &str) -> (usize, Mistake) {
        match (self.place(path), layers.0) {
            (Some(place), [_, beneath @ ..]) => {
                let (layer, mistake) = Layers(beneath).mistake(&place, message);
                (layer + 1, mistake)
            }
            _ => layers.mistake(path, message),
        }
    }
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
