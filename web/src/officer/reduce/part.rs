//! 機関設定 as forms.

use touroku_proto::{
    hours::ClosedDays,
    officer::settings::{ChangeKeys, ChangedKeys, FormKey, KeyValue},
};

use super::{Effect, Input, Notice};
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

    /// Whether another one is in effect than when it was changed here: somebody else has changed it too.
    pub fn is_others_too(&self, key: &str) -> bool {
        let began = self.settings.began.get(key);
        began.is_some_and(|began| self.form_key(key).is_some_and(|in_force| in_force.value != *began))
    }

    /// Such keys among what is about to come into effect.
    pub fn others_too(&self) -> Vec<String> {
        let keys = self.settings.check_of.map(Part::keys).unwrap_or_default();
        keys.into_iter().filter(|key| self.is_others_too(key)).collect()
    }

    /// Whether `portal.toml` has 利用時間, so that none at all cannot be said here.
    pub fn are_hours_shared(&self) -> bool {
        let in_force = self.settings.in_force.as_ref();
        let mut keys = in_force.into_iter().flat_map(|in_force| &in_force.forms);
        keys.any(|key| key.shared && key.key.starts_with("hours."))
    }

    /// Whether neither a beginning nor an end is typed.
    pub fn are_hours_empty(&self) -> bool {
        let is_empty = |key| match self.key_value(key) {
            Some(KeyValue::Text(text)) => text.is_empty(),
            _ => true,
        };
        is_empty("hours.open") && is_empty("hours.close")
    }

    /// Whether that means that there are no 利用時間, and no day is closed.
    pub fn is_never_closed(&self) -> bool {
        self.are_hours_empty() && !self.are_hours_shared()
    }

    /// What the screen has of a key, to go on there.
    fn place_of(&self, key: &str) -> String {
        match self.key_value(key) {
            Some(KeyValue::Text(_) | KeyValue::Words(_) | KeyValue::Week(_)) => key.to_owned(),
            Some(KeyValue::Switch(_)) => "on_holidays".to_owned(),
            _ => format!("{key}-title"),
        }
    }

    /// Notes what every change began from, for those that begin now.
    fn note_beginnings(&mut self) {
        let settings = &mut self.settings;
        let Some(in_force) = &settings.in_force else { return };
        let (changed, unset, began) = (&settings.changed, &settings.unset, &mut settings.began);
        began.retain(|key, _| changed.contains_key(key) || unset.contains(key));
        for key in changed.keys().chain(unset) {
            let found = in_force.forms.iter().find(|found| found.key == *key);
            if let Some(found) = found.filter(|_| !began.contains_key(key)) {
                began.insert(key.clone(), found.value.clone());
            }
        }
    }

    /// Gives up what was changed here.
    pub(super) fn revert_keys(&mut self, keys: &[String]) -> Vec<Effect> {
        self.settings.checked.clear();
        self.settings.changed.retain(|key, _| !keys.contains(key));
        self.settings.unset.retain(|key| !keys.contains(key));
        self.note_beginnings();
        keys.first().map(|key| Effect::Focus(self.place_of(key))).into_iter().collect()
    }

    pub(super) fn edit_key(&mut self, key: String, edit: Edit) -> Vec<Effect> {
        let Some(mut value) = self.key_value(&key).cloned() else { return Vec::new() };
        let (is_typed, place) = match &edit {
            Edit::Text(index, at, _) => (true, format!("{key}.{index}.{at}")),
            _ => (false, String::new()),
        };
        let focus = match (part::edit(&mut value, edit.clone()), edit) {
            (Some(entry), edit) => {
                let button = match edit {
                    // The first has no 上へ, the last no 下へ.
                    Edit::Up(_) if entry > 0 => "-up",
                    Edit::Down(_) if entry + 1 == part::count(&value) => "-up",
                    Edit::Up(_) | Edit::Down(_) => "-down",
                    // Added: its first field.
                    _ => match key.as_str() {
                        "news" => ".date",
                        "links" => ".label",
                        "desks" => ".kind",
                        _ => "",
                    },
                };
                Some(format!("{key}.{entry}{button}"))
            }
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
        self.note_beginnings();
        focus.map(Effect::Focus).into_iter().collect()
    }

    pub(super) fn unset_keys(&mut self, keys: Vec<String>) -> Vec<Effect> {
        self.settings.checked.clear();
        let first = keys.first().cloned().unwrap_or_default();
        for key in keys {
            self.settings.changed.remove(&key);
            let own = self.form_key(&key).is_some_and(|in_force| in_force.own);
            if own && !self.settings.unset.contains(&key) {
                self.settings.unset.push(key);
            }
        }
        self.note_beginnings();
        vec![Effect::Focus(self.place_of(&first))]
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
        let Some(change) = self.change_of(part) else { return Vec::new() };
        self.banner = None;
        self.notice = None;
        for input in &CLOSED {
            self.faults.remove(input);
        }
        let is_typed = CLOSED.iter().any(|input| !self.text(*input).is_empty());
        if part == Part::Hours && is_typed && !self.is_never_closed() {
            // It would be left out without a word.
            self.settings.checked.clear();
            self.faults.insert(Input::ClosedFrom, Fault::NotAdded);
            return vec![Effect::Focus(Input::ClosedFrom.id().to_owned())];
        }
        self.settings.check_of = Some(part);
        self.ask(Ask::ChangeKeys(change))
    }

    /// What is changed in that part by now.
    fn change_of(&self, part: Part) -> Option<ChangeKeys> {
        let base = self.settings.in_force.as_ref()?.hash.clone();
        let keys = part.keys();
        let set = keys.iter().filter_map(|key| {
            let value = self.settings.changed.get(key)?;
            Some((key.clone(), tidy(key, value)))
        });
        let set = set.collect();
        let unset = keys.iter().filter(|key| self.settings.unset.contains(key)).cloned().collect();
        Some(ChangeKeys { base, set, unset })
    }

    pub(super) fn part_checked(&mut self, sent: ChangeKeys, changed: ChangedKeys) -> Vec<Effect> {
        // What was typed while it was checked is not in it.
        let now = self.settings.check_of.and_then(|part| self.change_of(part));
        if now.as_ref() != Some(&sent) {
            return self.say(Notice::ChangedMeanwhile);
        }
        let place = if changed.check.mistakes.is_empty() { "check" } else { "summary" };
        self.settings.check = Some(changed.check);
        self.settings.checked = changed.text;
        self.settings.sent = Some(sent);
        vec![Effect::Focus(place.to_owned())]
    }

    /// Whether anything in that part would be another than in effect.
    pub fn part_is_changed(&self, part: Part) -> bool {
        part.keys().iter().any(|key| self.is_changed(key))
    }

    /// What was sent is in effect. What was typed since is not, and stays.
    pub(super) fn forget_what_was_taken(&mut self) {
        let Some(taken) = self.settings.taking.take() else { return };
        self.settings.changed.retain(|key, value| taken.set.get(key) != Some(&tidy(key, value)));
        self.settings.unset.retain(|key| !taken.unset.contains(key));
        self.settings.began.retain(|key, _| !taken.set.contains_key(key) && !taken.unset.contains(key));
    }

    /// What is in effect by now is no change any more.
    pub(super) fn forget_what_is_in_force(&mut self) {
        // Without forms the file is wrong for the moment, which says nothing about its keys.
        let Some(in_force) = self.settings.in_force.as_ref().filter(|known| !known.forms.is_empty()) else {
            return;
        };
        let of = |key: &String| in_force.forms.iter().find(|found| found.key == *key);
        self.settings
            .changed
            .retain(|key, value| of(key).is_some_and(|found| found.value != tidy(key, value)));
        self.settings.unset.retain(|key| of(key).is_some_and(|found| found.own));
        self.note_beginnings();
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
