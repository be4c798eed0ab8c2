//! 機関設定 as forms: one part of it, key by key, checked and put into effect like a text.

use touroku_html::html;
use touroku_proto::{
    agency::Desk,
    guide::{Link, News},
    localized::Localized,
    officer::{
        profile::ProfileMistake,
        settings::{FormKey, KeyValue},
    },
};
use yew::prelude::*;

use super::{
    super::shared::{self, field::Mistake},
    calendar,
    field::select,
    form_field::{Field, on_typed},
    mail_text,
    parts::{Scene, Weight, button, chip, heading, link, progress, submit},
    settings::{checked, stale, waiting},
    trouble::messages,
};
use crate::{
    officer::{
        action::Action,
        ask::Ask,
        part::{Edit, KINDS, Part},
        route::Route,
    },
    texts::{
        Text,
        officer::{part as texts, screen, settings},
    },
};

pub(super) fn view(scene: Scene, part: Part) -> Html {
    let state = scene.state;
    let is_checked = state.settings.check_of == Some(part);
    let content = match &state.settings.in_force {
        None if state.banner.is_none() => progress(screen::READING),
        None => Html::default(),
        Some(in_force) => html! {
            <>
                if !in_force.writable {
                    <div class="banner warning" data-not-writable=""><p>{ settings::NOT_WRITABLE }</p></div>
                }
                if let Some(proposal) = &in_force.proposal { { waiting(scene, proposal) } }
                if state.profile_was_stale() { { stale(scene) } }
                if in_force.forms.is_empty() {
                    <div class="banner warning"><p>{ settings::NO_FORMS }</p></div>
                } else if part == Part::Mails {
                    { mail_text::list(scene) }
                } else {
                    { form(scene, part) }
                }
                if let Some(check) = state.settings.check.as_ref().filter(|_| is_checked) {
                    if check.mistakes.is_empty() && !state.settings.checked.is_empty() {
                        { checked(scene, check) }
                        <p class="below">{ link(&Route::Preview, "", settings::PREVIEW.into()) }</p>
                    }
                }
            </>
        },
    };
    html! {
        <>
            { heading(&texts::title(part)) }
            if is_checked { { summary(scene) } }
            { messages(scene) }
            <p class="lead">{ texts::lead(part) }</p>
            { content }
            if matches!(part, Part::Mail(_)) {
                <p class="below">{ link(&Route::Part(Part::Mails), "", texts::TO_MAILS.into()) }</p>
            }
            <p class="below">{ link(&Route::Settings, "", texts::BACK.into()) }</p>
        </>
    }
}

/// What is wrong, with links to the fields. What no field shows is named by its line.
fn summary(scene: Scene) -> Html {
    let mistakes = scene.state.settings.check.iter().flat_map(|check| &check.mistakes);
    let mistake = |mistake: &ProfileMistake| Mistake {
        id: AttrValue::from(mistake.key.clone()),
        name: name(mistake),
        text: mistake.message.clone().into(),
    };
    shared::field::summary(scene, mistakes.map(mistake).collect(), |id| Action::Find(id.to_string()))
}

/// The field's name as the form has it; otherwise its line.
fn name(mistake: &ProfileMistake) -> String {
    name_of(&mistake.key).unwrap_or_else(|| texts::not_here(mistake.line))
}

/// The name of what a form changes, by its path: `links.0.url`, or `links[0].url`.
pub(super) fn name_of(path: &str) -> Option<String> {
    let path = path.replace('[', ".").replace(']', "");
    let steps: Vec<&str> = path.split('.').collect();
    let entry =
        |name: Text, index: &str| texts::entry(&name, index.parse::<usize>().map_or(1, |index| index + 1));
    let of = |name: Text, index: &str, label: Text| format!("{}　{label}", entry(name, index));
    Some(match steps[..] {
        ["notices", index, ..] => entry(texts::NOTICE, index),
        ["news"] => texts::NEWS.to_string(),
        ["links"] => texts::LINK.to_string(),
        ["desks"] => texts::LIST_DESKS.to_string(),
        ["notices"] => texts::TITLE_NOTICES.to_string(),
        ["reject_reasons", index, ..] => entry(texts::REASON, index),
        ["reject_reasons"] => texts::TITLE_REASONS.to_string(),
        ["news", index, "date"] => of(texts::NEWS, index, texts::NEWS_DATE),
        ["news", index, ..] => of(texts::NEWS, index, texts::NEWS_TEXT),
        ["links", index, "url"] => of(texts::LINK, index, texts::LINK_URL),
        ["links", index, "note", ..] => of(texts::LINK, index, texts::LINK_NOTE),
        ["links", index, ..] => of(texts::LINK, index, texts::LINK_LABEL),
        ["desks", index, "kind"] => of(texts::DESK, index, texts::DESK_KIND),
        ["desks", index, "phone"] => of(texts::DESK, index, texts::DESK_PHONE),
        ["desks", index, "email"] => of(texts::DESK, index, texts::DESK_EMAIL),
        ["desks", index, "url"] => of(texts::DESK, index, texts::DESK_URL),
        ["desks", index, ..] => of(texts::DESK, index, texts::DESK_NAME),
        ["hours", "open"] => texts::OPEN.to_string(),
        ["hours", "close"] => texts::CLOSE.to_string(),
        ["hours", "weekdays", ..] => texts::WEEK.to_string(),
        ["hours", "closed_on_holidays"] => texts::ON_HOLIDAYS.to_string(),
        ["hours", "closed", ..] => texts::CLOSED_DAYS.to_string(),
        ["hours_rule", ..] => texts::RULE.to_string(),
        ["footer", "manual_url"] => texts::FOOT_MANUAL.to_string(),
        ["footer", "accessibility_url"] => texts::FOOT_ACCESSIBILITY.to_string(),
        ["footer", "privacy_url"] => texts::FOOT_PRIVACY.to_string(),
        ["mail", mail, part @ ("subject" | "body")] => {
            let label = if part == "subject" { texts::SUBJECT } else { texts::BODY };
            format!("{}　{label}", texts::title(Part::from_text(mail)?))
        }
        _ => return None,
    })
}

fn form(scene: Scene, part: Part) -> Html {
    let content = match part {
        Part::Hours => calendar::hours(scene),
        Part::Mail(index) => mail_text::form(scene, index),
        _ => html! { <>{ for part.keys().iter().map(|key| list(scene, key)) }</> },
    };
    let may_check = scene.state.part_is_changed(part);
    html! {
        <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)}>
            { content }
            if scene.state.waits(|ask| matches!(ask, Ask::ChangeKeys(_))) { { progress(settings::CHECKING) } }
            if scene.state.waits(|ask| matches!(ask, Ask::TakeProfile(_))) { { progress(screen::SENDING) } }
            if may_check { <div class="actions">{ submit(settings::CHECK) }</div> }
        </form>
    }
}

/// A key with a list of entries, or one of the links at the foot.
fn list(scene: Scene, key: &str) -> Html {
    let Some(value) = scene.state.key_value(key) else { return Html::default() };
    let (title, entry) = match key {
        "notices" => (texts::LIST_NOTICES, texts::NOTICE),
        "news" => (texts::NEWS, texts::NEWS),
        "links" => (texts::LINK, texts::LINK),
        "desks" => (texts::LIST_DESKS, texts::DESK),
        "reject_reasons" => (texts::LIST_REASONS, texts::REASON),
        "footer.manual_url" => return foot(scene, key, texts::FOOT_MANUAL, value),
        "footer.accessibility_url" => return foot(scene, key, texts::FOOT_ACCESSIBILITY, value),
        _ => return foot(scene, key, texts::FOOT_PRIVACY, value),
    };
    let of = Entries { scene, key, name: entry };
    let fields: Vec<Html> = match value {
        KeyValue::WordList(list) => of.each(list, |at, words| at.words("", texts::NOTICE, words, true)),
        KeyValue::Lines(list) => of.each(list, |at, line| at.area(texts::REASON, line)),
        KeyValue::News(list) => of.each(list, news_fields),
        KeyValue::Links(list) => of.each(list, link_fields),
        KeyValue::Desks(list) => of.each(list, desk_fields),
        _ => Vec::new(),
    };
    let count = fields.len();
    let entries = fields.into_iter().enumerate().map(|(index, fields)| of.framed(index, count, fields));
    let hint = match key {
        "news" => Some(texts::NEWS_HINT),
        "desks" => Some(texts::DESK_SENSITIVE),
        _ => None,
    };
    let owned = key.to_owned();
    let add = texts::add(&entry);
    html! {
        <section aria-labelledby={format!("{key}-title")} data-key={key.to_owned()}>
            { title_of(scene, key, title) }
            if let Some(hint) = hint { <p class="field-hint">{ hint }</p> }
            if count == 0 { <p>{ texts::NONE }</p> }
            { for entries }
            <div class="actions">
                { button(scene, "add-entry", add, Weight::Small, move || Action::Edit(owned.clone(), Edit::Add)) }
            </div>
        </section>
    }
}

/// The heading of a key, from where its value comes, and the way back to what is inherited.
pub(super) fn title_of(scene: Scene, key: &str, title: Text) -> Html {
    html! {
        <>
            <h2 id={format!("{key}-title")} tabindex="-1" class="spaced">{ title }</h2>
            { source(scene, &[key], &title) }
        </>
    }
}

/// From where the value of these keys comes, and the way back. They are given back together.
pub(super) fn source(scene: Scene, keys: &[&str], about: &str) -> Html {
    let state = scene.state;
    let found: Vec<&FormKey> = keys.iter().filter_map(|key| state.form_key(key)).collect();
    let is_text = keys.iter().any(|key| key.starts_with("mail."));
    let is_changed = keys.iter().any(|key| state.is_changed(key));
    let is_unset = keys.iter().any(|key| state.settings.unset.iter().any(|unset| unset == key));
    let (own, shared) = (found.iter().any(|key| key.own), found.iter().any(|key| key.shared));
    let said = match (own, shared) {
        _ if is_unset && shared => Some(texts::SOURCE_UNSET),
        _ if is_unset && is_text => Some(texts::SOURCE_UNSET_TEXT),
        (true, true) => Some(texts::SOURCE_OWN),
        (false, true) => Some(texts::SOURCE_SHARED),
        (true, false) if is_text => Some(texts::SOURCE_OWN_TEXT),
        (false, false) if is_text => Some(texts::SOURCE_OURS),
        _ => None,
    };
    let back = if shared { texts::UNSET } else { texts::UNSET_TEXT };
    let may_go_back = !is_unset && (own || is_changed) && (shared || is_text);
    let owned: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
    let others: Vec<String> = owned.iter().filter(|key| state.is_others_too(key)).cloned().collect();
    html! {
        <>
            if !others.is_empty() {
                <div class="banner warning" data-others="">
                    <p>{ texts::OTHERS_TOO }</p>
                    <div class="banner-actions">
                        <button type="button" class={Weight::Small.class()} data-do="revert"
                            onclick={scene.on(move || Action::Revert(others.clone()))}>
                            { texts::REVERT }<span class="hidden">{ format!("（{about}）") }</span>
                        </button>
                    </div>
                </div>
            }
            if said.is_some() || is_changed {
                <p class="source" data-source={if own { "own" } else if shared { "shared" } else { "" }}>
                    if is_changed { { chip("changed", texts::CHANGED) }{ " " } }
                    { for said }
                    if may_go_back {
                        { " " }
                        <button type="button" class={Weight::Small.class()} data-do="unset"
                            onclick={scene.on(move || Action::Unset(owned.clone()))}>
                            { back }<span class="hidden">{ format!("（{about}）") }</span>
                        </button>
                    }
                </p>
            }
        </>
    }
}

/// The names of keys that somebody else has changed too, before they come into effect.
pub(super) fn others_too(scene: Scene) -> Html {
    let name = |key: String| name_of(&key).unwrap_or(key);
    let names: Vec<String> = scene.state.others_too().into_iter().map(name).collect();
    html! {
        <p id="dialog-others" class="banner warning" data-others="">
            { texts::others_too_of(&names.join("、")) }
        </p>
    }
}

fn foot(scene: Scene, key: &str, label: Text, value: &KeyValue) -> Html {
    let KeyValue::Text(url) = value else { return Html::default() };
    html! {
        <>
            if key == "footer.manual_url" { <h2 class="spaced">{ texts::FOOT }</h2> }
            { Field::new(scene, key.to_owned(), label).optional(texts::URL_HINT)
                .line(url, "url", on_typed(scene, key, 0, "")) }
            { source(scene, &[key], &label) }
        </>
    }
}

/// The entries of a key.
struct Entries<'a> {
    scene: Scene<'a>,
    key: &'a str,
    name: Text,
}

/// One of them.
struct At<'a> {
    scene: Scene<'a>,
    key: &'a str,
    index: usize,
}

impl<'a> Entries<'a> {
    /// The fields of each.
    fn each<T>(&self, list: &[T], fields: impl Fn(&At<'a>, &T) -> Html) -> Vec<Html> {
        let at = |index| At { scene: self.scene, key: self.key, index };
        list.iter().enumerate().map(|(index, item)| fields(&at(index), item)).collect()
    }

    /// An entry around its fields.
    fn framed(&self, index: usize, count: usize, fields: Html) -> Html {
        let name = texts::entry(&self.name, index + 1);
        let id = format!("{}.{index}", self.key);
        html! {
            <div class="box entry" role="group" aria-labelledby={format!("{id}-name")} data-entry={id.clone()}>
                <h3 id={format!("{id}-name")}>{ &name }</h3>
                { fields }
                <div class="actions">
                    if index > 0 { { self.act(&id, &name, "up", texts::UP, Edit::Up(index)) } }
                    if index + 1 < count { { self.act(&id, &name, "down", texts::DOWN, Edit::Down(index)) } }
                    { self.act(&id, &name, "remove", texts::REMOVE, Edit::Remove(index)) }
                </div>
            </div>
        }
    }

    fn act(&self, id: &str, entry: &str, what: &'static str, label: Text, edit: Edit) -> Html {
        let key = self.key.to_owned();
        html! {
            <button type="button" class={Weight::Small.class()} id={format!("{id}-{what}")}
                data-do={format!("entry-{what}")} aria-label={texts::doing(entry, &label)}
                onclick={self.scene.on(move || Action::Edit(key.clone(), edit.clone()))}>{ label }</button>
        }
    }
}

impl<'a> At<'a> {
    fn field(&self, at: &str, label: Text) -> Field<'a> {
        Field::new(self.scene, self.id(at), label)
    }

    fn id(&self, at: &str) -> String {
        format!("{}.{}.{at}", self.key, self.index).trim_end_matches('.').to_owned()
    }

    fn edit(&self, at: &'static str) -> Callback<String> {
        on_typed(self.scene, self.key, self.index, at)
    }

    fn line(&self, at: &'static str, label: Text, text: &str, required: bool, kind: &'static str) -> Html {
        self.field(at, label).required(required).line(text, kind, self.edit(at))
    }

    fn area(&self, label: Text, text: &str) -> Html {
        self.field("", label).area(text, 3, self.edit(""))
    }

    /// A text, and the same in other languages.
    fn words(&self, at: &'static str, label: Text, words: &Localized, required: bool) -> Html {
        let (japanese, english, easy) = match at {
            "label" => ("label.", "label.en", "label.easy"),
            "note" => ("note.", "note.en", "note.easy"),
            "name" => ("name.", "name.en", "name.easy"),
            "text" => ("text.", "text.en", "text.easy"),
            _ => ("", "en", "easy"),
        };
        let field = self.field(japanese, label).required(required);
        let is_set = !words.written("en").is_empty() || !words.written("easy").is_empty();
        let other = |at: &'static str, label: String, language: &str| {
            Field::named(self.scene, self.id(at), label).required(false).line(
                words.written(language),
                "text",
                self.edit(at),
            )
        };
        html! {
            <>
                if matches!(at, "label" | "name") {
                    { field.line(words, "text", self.edit(japanese)) }
                } else {
                    { field.area(words, 2, self.edit(japanese)) }
                }
                <details>
                    <summary>{ if is_set { texts::OTHER_LANGUAGES_SET } else { texts::OTHER_LANGUAGES } }</summary>
                    { other(english, texts::in_english(&label), "en") }
                    { other(easy, texts::in_easy(&label), "easy") }
                </details>
            </>
        }
    }
}

fn news_fields(at: &At, news: &News) -> Html {
    html! {
        <>
            { at.line("date", texts::NEWS_DATE, &news.date, true, "date") }
            { at.words("text", texts::NEWS_TEXT, &news.text, true) }
        </>
    }
}

fn link_fields(at: &At, link: &Link) -> Html {
    html! {
        <>
            { at.words("label", texts::LINK_LABEL, &link.label, true) }
            { at.line("url", texts::LINK_URL, &link.url, true, "url") }
            { at.words("note", texts::LINK_NOTE, &link.note, false) }
        </>
    }
}

fn desk_fields(at: &At, desk: &Desk) -> Html {
    let options: Vec<_> = KINDS
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), texts::desk(*kind).to_string(), *kind == desk.kind))
        .collect();
    let id = format!("{}.{}.kind", at.key, at.index);
    let on_pick = at.edit("kind");
    html! {
        <>
            { select(&id, &texts::DESK_KIND, false, &options, on_pick) }
            { at.words("name", texts::DESK_NAME, &desk.name, true) }
            { at.line("phone", texts::DESK_PHONE, &desk.phone, false, "tel") }
            { at.line("email", texts::DESK_EMAIL, &desk.email, false, "email") }
            { at.line("url", texts::DESK_URL, &desk.url, false, "url") }
        </>
    }
}
