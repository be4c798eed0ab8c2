//! 機関設定 as forms.

use touroku_proto::{
    hours::ClosedDays,
    officer::settings::{ChangeKeys, ChangedKeys, FormKey, KeyValue},
};

use super::{Effect, Input};
use crate::officer::{
    ask::Ask,
    input::{CLOSED, Fault},
    part::{self, Edit, Part},
    state::Console,
};

impl Console {
    /// A key as it is in effect.
    pub fn form_key(&self, key: &str) -> Option<&FormKey> {
        self.settings.in_force.as_ref()?.forms.iter().find(|found| found.key == key)
    }

    /// Its value on the screen.
    pub fn key_value(&self, key: &str) -> Option<&KeyValue> {
        let settings = &self.settings;
        let in_force = self.form_key(key)?;
        let inherited = settings.unset.iter().any(|unset| unset == key).then_some(&in_force.beneath);
        inherited.or_else(|| settings.changed.get(key)).or(Some(&in_force.value))
    }

    /// Whether it is another one than in effect.
    pub fn is_changed(&self, key: &str) -> bool {
        self.settings.changed.contains_key(key) || self.settings.unset.iter().any(|unset| unset == key)
    }

    pub(super) fn edit_key(&mut self, key: String, edit: Edit) -> Vec<Effect> {
        let Some(mut value) = self.key_value(&key).cloned() else { return Vec::new() };
        let (is_typed, place) = match &edit {
            Edit::Text(index, at, _) => (true, format!("{key}.{index}.{at}")),
            _ => (false, String::new()),
        };
        let button = match &edit {
            Edit::Up(_) => "-up",
            Edit::Down(_) => "-down",
            // Added: its first field.
            _ => match key.as_str() {
                "news" => ".date",
                "links" => ".label",
                "desks" => ".kind",
                _ => "",
            },
        };
        let focus = match (part::edit(&mut value, edit.clone()), edit) {
            (Some(entry), _) => Some(format!("{key}.{entry}{button}")),
            (None, Edit::Remove(_)) => Some(format!("{key}-title")),
            _ => None,
        };
        // A mistake goes when what it is about changes; the others stay until everything is checked again.
        if let Some(check) = &mut self.settings.check {
            check.mistakes.retain(|mistake| match is_typed {
                true => mistake.key != key && mistake.key != place.trim_end_matches('.'),
                false => !mistake.key.starts_with(&key),
            });
        }
        self.settings.checked.clear();
        self.settings.unset.retain(|unset| *unset != key);
        if self.form_key(&key).is_some_and(|in_force| in_force.value == value) {
            self.settings.changed.remove(&key);
        } else {
            self.settings.changed.insert(key, value);
        }
        focus.map(Effect::Focus).into_iter().collect()
    }

    pub(super) fn unset_keys(&mut self, keys: Vec<String>) -> Vec<Effect> {
        self.settings.checked.clear();
        let first = keys.first().cloned().unwrap_or_default();
        let is_field = matches!(self.key_value(&first), Some(KeyValue::Text(_) | KeyValue::Words(_)));
        for key in keys {
            self.settings.changed.remove(&key);
            let own = self.form_key(&key).is_some_and(|in_force| in_force.own);
            if own && !self.settings.unset.contains(&key) {
                self.settings.unset.push(key);
            }
        }
        vec![Effect::Focus(if is_field { first } else { format!("{first}-title") })]
    }

    /// The days between the two that are typed.
    pub(super) fn close_days(&mut self) -> Vec<Effect> {
        if self.are_sound(&CLOSED).is_err() {
            // The form has its own list of mistakes.
            self.summary = false;
            let wrong = CLOSED.iter().find(|input| self.faults.contains_key(input));
            return wrong.map(|input| Effect::Focus(input.id().to_owned())).into_iter().collect();
        }
        let [first, last] = CLOSED.map(|input| self.text(input).to_owned());
        let last = if last.is_empty() { first.clone() } else { last };
        let Ok(days) = format!("{first}..{last}").parse::<ClosedDays>() else {
            self.faults.insert(Input::ClosedFrom, Fault::Period);
            return vec![Effect::Focus(Input::ClosedFrom.id().to_owned())];
        };
        let days = if self.settings.yearly { days.yearly() } else { days };
        CLOSED.iter().for_each(|input| drop(self.texts.remove(input)));
        let mut effects = self.edit_key("hours.closed".to_owned(), Edit::Close(days));
        effects.push(Effect::Focus("closed-list".to_owned()));
        effects
    }

    pub(super) fn check_part(&mut self, part: Part) -> Vec<Effect> {
        let Some(base) = self.settings.in_force.as_ref().map(|in_force| in_force.hash.clone()) else {
            return Vec::new();
        };
        self.banner = None;
        self.notice = None;
        let keys = part.keys();
        let set = keys.iter().filter_map(|key| {
            let value = self.settings.changed.get(key)?;
            Some((key.clone(), tidy(key, value)))
        });
        let set = set.collect();
        let unset = keys.iter().filter(|key| self.settings.unset.contains(key)).cloned().collect();
        self.settings.check_of = Some(part);
        self.ask(Ask::ChangeKeys(ChangeKeys { base, set, unset }))
    }

    pub(super) fn part_checked(&mut self, changed: ChangedKeys) -> Vec<Effect> {
        let place = if changed.check.mistakes.is_empty() { "check" } else { "summary" };
        self.settings.check = Some(changed.check);
        self.settings.checked = changed.text;
        vec![Effect::Focus(place.to_owned())]
    }

    /// Whether anything in that part would be another than in effect.
    pub fn part_is_changed(&self, part: Part) -> bool {
        part.keys().iter().any(|key| self.is_changed(key))
    }

    /// What is in effect by now is no change any more.
    pub(super) fn forget_what_is_in_force(&mut self) {
        let Some(in_force) = &self.settings.in_force else { return };
        let of = |key: &String| in_force.forms.iter().find(|found| found.key == *key);
        self.settings.changed.retain(|key, value| of(key).is_some_and(|found| found.value != *value));
        self.settings.unset.retain(|key| of(key).is_some_and(|found| found.own));
    }
}

/// What is meant: a time of day may be typed in other ways.
fn tidy(key: &str, value: &KeyValue) -> KeyValue {
    match value {
        KeyValue::Text(text) if matches!(key, "hours.open" | "hours.close") => {
            KeyValue::Text(part::time_of_day(text))
        }
        other => other.clone(),
    }
}
