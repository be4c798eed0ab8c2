//! 共同利用: what a portal's members need, and what they may share.

use touroku_proto::{
    agency::{AgencyProfile, RESERVED_AGENCY_CODES},
    portal::{SharedCompanyId, SharedRegistration, SharedRoster},
};

use super::finding::{Finding, at, is_code};

pub(super) fn check(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    let is_hiragana = |c: char| matches!(c, 'ぁ'..='ん' | 'ー');
    if !profile.kana.chars().all(is_hiragana) {
        found.push((at(&["kana"]), "kanaは、ひらがなだけで書きます".to_owned()));
    }
    let Some(portal) = &profile.portal else { return };
    if profile.kana.is_empty() {
        let message = "kana（名前の読み）が要ります。自治体名の一覧を、五十音で並べるためのものです";
        found.push((at(&["kana"]), message.to_owned()));
    }
    if !is_code(&portal.code) {
        found.push((at(&["portal", "code"]), "codeは半角の英小文字・数字・ハイフンで書きます".to_owned()));
    }
    if RESERVED_AGENCY_CODES.contains(&portal.code.as_str()) {
        let message = format!("「{}」は画面のアドレスに使われているため、codeにできません", portal.code);
        found.push((at(&["portal", "code"]), message));
    }
    if portal.name.trim().is_empty() {
        found.push((at(&["portal", "name"]), "共同利用の名前が空です".to_owned()));
    }
    let shared = profile.shared;
    for (key, is_there, only) in [
        ("roster", shared.roster == SharedRoster::Each, "each"),
        ("registration", shared.registration == SharedRegistration::Each, "each"),
        ("company_id", shared.company_id == SharedCompanyId::Member, "member"),
    ] {
        if !is_there {
            let message = format!("これは、まだ使えません。いま書けるのは \"{only}\" だけです");
            found.push((at(&["shared", key]), message));
        }
    }
}
