//! What a profile must satisfy beyond its types.

mod category;
mod client;
mod export;
mod finding;
mod form;
mod guide;
mod hours;
mod mail;
mod portal;
mod search;

use touroku_proto::{
    agency::{AgencyProfile, Desk, RESERVED_AGENCY_CODES, Uncheckable},
    field::{Rule, Values},
};

pub(super) use self::finding::Finding;
use self::finding::{at, is_code};
pub(crate) use self::guide::is_web_address;
use super::layers::Step;

/// The longest sensible time of a reminder before a card's expiry, in days.
const MAX_NOTICE_DAYS: u16 = 365;

/// Everything wrong, each with its place.
pub(super) fn findings(profile: &AgencyProfile) -> Vec<Finding> {
    let mut found = Vec::new();
    check_names(profile, &mut found);
    portal::check(profile, &mut found);
    for (index, desk) in profile.desks.iter().enumerate() {
        check_desk(index, desk, &mut found);
    }
    guide::check(profile, &mut found);
    category::check(profile, &mut found);
    form::check(profile, &mut found);
    search::check(profile, &mut found);
    if let Some(business) = &profile.hours {
        hours::check(business, &mut found);
    }
    check_cards(profile, &mut found);
    check_notice_days(&profile.expiry_notice_days, &mut found);
    mail::check(profile, &mut found);
    client::check(profile, &mut found);
    export::check(profile, &mut found);
    found
}

fn check_names(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    if !is_code(&profile.code) {
        found.push((at(&["code"]), "codeは半角の英小文字・数字・ハイフンで書きます".to_owned()));
    }
    if RESERVED_AGENCY_CODES.contains(&profile.code.as_str()) {
        found.push((
            at(&["code"]),
            format!("「{}」は画面のアドレスに使われているため、codeにできません", profile.code),
        ));
    }
    if profile.procurement_code.len() != 4 || !profile.procurement_code.bytes().all(|b| b.is_ascii_digit()) {
        found.push((at(&["procurement_code"]), "調達機関コードは半角数字4桁です".to_owned()));
    }
    if profile.name.trim().is_empty() {
        found.push((at(&["name"]), "調達機関の名前が空です".to_owned()));
    }
    if profile.system_name.trim().is_empty() {
        found.push((at(&["system_name"]), "システムの名前が空です".to_owned()));
    }
}

fn check_desk(index: usize, desk: &Desk, found: &mut Vec<Finding>) {
    let place = |key: &str| vec![Step::Key("desks".into()), Step::Index(index), Step::Key(key.into())];
    if desk.name.trim().is_empty() {
        found.push((place("name"), "問い合わせ先の名前が空です".to_owned()));
    }
    let email = Rule::Email { max: 254 };
    if !desk.email.is_empty() && email.check(&desk.email, &Values::default()).is_err() {
        found.push((place("email"), "問い合わせ先のメールアドレスが正しくありません".to_owned()));
    }
    if !desk.url.is_empty() && !is_web_address(&desk.url) {
        found.push((place("url"), "URLはhttps://かhttp://で始めます".to_owned()));
    }
}

/// A My Number Card proves who somebody is, as long as it is known not to be revoked, and signs nothing else.
fn check_cards(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    if !profile.cards.my_number {
        return;
    }
    let mut wrong = |message: &str| found.push((at(&["cards", "my_number"]), message.to_owned()));
    if profile.signed_applications {
        wrong(
            "マイナンバーカード（利用者証明用）では申請に署名できないので、signed_applicationsと一緒には使えません",
        );
    }
    if profile.uncheckable == Some(Uncheckable::Accept) {
        wrong(
            "マイナンバーカードは失効を調べられるときだけ受け付けるので、uncheckable = \"accept\"とは一緒に使えません",
        );
    }
}

fn check_notice_days(days: &[u16], found: &mut Vec<Finding>) {
    for (index, day) in days.iter().enumerate() {
        let place = vec![Step::Key("expiry_notice_days".into()), Step::Index(index)];
        if *day > MAX_NOTICE_DAYS {
            found.push((place, format!("有効期限の通知は{MAX_NOTICE_DAYS}日前までです")));
        } else if days[..index].contains(day) {
            found.push((place, format!("{day}日前が二度あります")));
        }
    }
}
