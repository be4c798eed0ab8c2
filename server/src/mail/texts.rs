//! The server's own mail texts, used where a profile has none.

use std::sync::{Arc, LazyLock};

use touroku_proto::{
    agency::{AgencyProfile, Desk},
    mail::{MailText, MailTexts},
};

static TEXTS: LazyLock<MailTexts> =
    LazyLock::new(|| toml::from_str(include_str!("texts.toml")).expect("a test reads our own texts"));

/// Fills in every subject and body that the profile leaves out.
pub fn fill_texts(profile: &mut AgencyProfile) {
    let mail = Arc::make_mut(&mut profile.mail);
    for (text, own) in [
        (&mut mail.address_confirmation, &TEXTS.address_confirmation),
        (&mut mail.registered, &TEXTS.registered),
        (&mut mail.card_added, &TEXTS.card_added),
        (&mut mail.company_notice, &TEXTS.company_notice),
        (&mut mail.changed, &TEXTS.changed),
        (&mut mail.renewed, &TEXTS.renewed),
        (&mut mail.card_expiring, &TEXTS.card_expiring),
        (&mut mail.card_revoked, &TEXTS.card_revoked),
        (&mut mail.card_applied, &TEXTS.card_applied),
        (&mut mail.card_approved, &TEXTS.card_approved),
        (&mut mail.card_rejected, &TEXTS.card_rejected),
        (&mut mail.applied, &TEXTS.applied),
        (&mut mail.approved, &TEXTS.approved),
        (&mut mail.rejected, &TEXTS.rejected),
        (&mut mail.account_changed, &TEXTS.account_changed),
        (&mut mail.password_reset, &TEXTS.password_reset),
        (&mut mail.number_issued, &TEXTS.number_issued),
    ] {
        fill(text, own, &profile.desks);
    }
}

fn fill(text: &mut MailText, own: &MailText, desks: &[Desk]) {
    if text.subject.is_empty() {
        text.subject.clone_from(&own.subject);
    }
    if text.body.is_empty() {
        text.body = own.body.replace("{desks}", &signature(desks));
    }
}

/// The agency and its desks with their contact details.
fn signature(desks: &[Desk]) -> String {
    let mut lines = vec!["{agency}　電子入札システム".to_owned()];
    for desk in desks {
        let ways = [("電話", &desk.phone), ("E-mail", &desk.email), ("URL", &desk.url)];
        for (kind, value) in ways.into_iter().filter(|(_, value)| !value.is_empty()) {
            // A brace would be a placeholder.
            lines.push(format!("{}　{kind} : {value}", desk.name).replace(['{', '}'], ""));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use crate::agency::parse_profile;

    const SAMPLE: &str = include_str!("../../../agencies/aomori.toml");

    /// The sample profile without its own texts.
    fn without_texts() -> String {
        let (before, after) = SAMPLE.split_once("[mail.registered]").unwrap();
        let (_, forms) = after.split_once("[[forms.works").unwrap();
        format!("{before}[[forms.works{forms}")
    }

    #[test]
    fn a_profile_without_texts_gets_ours_with_its_desks_and_they_are_sound() {
        let profile = parse_profile(&without_texts()).unwrap();
        let body = &profile.mail.registered.body;
        for part in
            ["企業ID : {company_id}", "ヘルプデスク　電話 : 0570-000-000", "keiyaku@aomori.example.jp"]
        {
            assert!(body.contains(part), "{body}");
        }
        let written = toml::to_string(profile.mail.as_ref()).unwrap();
        let mail: toml::Table = written.parse().unwrap();
        for (name, text) in mail.iter().filter(|(_, text)| text.is_table()) {
            for part in ["subject", "body"] {
                assert!(!text[part].as_str().unwrap().trim().is_empty(), "{name}.{part}");
            }
        }
        // Ours pass the same check as a profile's own texts.
        let (before, _) = SAMPLE.split_once("[mail]").unwrap();
        let (_, forms) = SAMPLE.split_once("[[forms.works").unwrap();
        let text = format!("{before}[[forms.works{forms}\n[mail]\n");
        let all = toml::to_string(&toml::Table::from_iter([("mail".to_owned(), mail.into())])).unwrap();
        assert_eq!(parse_profile(&text.replace("[mail]\n", &all)), Ok(profile));
    }

    #[test]
    fn a_profile_keeps_its_own_texts() {
        let profile = parse_profile(SAMPLE).unwrap();
        assert!(profile.mail.registered.body.contains("次の内容で利用者を登録しました"));
        assert_eq!(profile.mail.registered.subject, "【{agency}電子入札】利用者登録を受け付けました");
        assert!(profile.mail.renewed.subject.contains("更新"));
    }
}
