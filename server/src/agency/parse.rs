//! One profile, by itself.

use std::sync::LazyLock;

use touroku_proto::agency::AgencyProfile;

use super::{
    check,
    layers::{Layer, Layers, Step},
    mistake::Mistake,
    read::{Read, read},
    schema::Shape,
};

/// What a profile may contain.
static SHAPE: LazyLock<Shape> = LazyLock::new(Shape::of::<AgencyProfile>);

/// Parses a profile's text, with the server's mail texts where it has none of its own; or returns everything wrong
/// with it, in the order of the text.
pub fn parse_profile(text: &str) -> Result<AgencyProfile, Vec<Mistake>> {
    let layer = Layer::parse(text);
    let layers = Layers(&[&layer]);
    let Read { value: profile, mistakes, unknown } = read::<AgencyProfile>(layers, &SHAPE);
    let findings = profile.iter().flat_map(check::findings);
    let findings = findings
        .filter(|(path, _)| !unknown.iter().any(|unknown| hides(unknown, path)))
        .map(|(path, message)| layers.mistake(&path, &message));
    let mut mistakes: Vec<Mistake> =
        mistakes.into_iter().chain(findings).map(|(_, mistake)| mistake).collect();
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    match profile {
        Some(mut profile) if mistakes.is_empty() => {
            crate::mail::fill_texts(&mut profile);
            if let Some(hours) = profile.hours.as_ref().filter(|_| profile.hours_rule.is_empty()) {
                profile.hours_rule = hours.words().into();
            }
            Ok(profile)
        }
        _ => Err(mistakes),
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
