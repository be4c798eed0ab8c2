//! Application, roster and certificate side by side.

use touroku_proto::{
    field::{FieldId, Values},
    form::{Form, Mode},
    officer::review::ReviewRow,
    text::{fold_name, fold_person},
};

/// What the certificate says, and its counterpart in the roster.
const PAIRS: [(FieldId, FieldId); 3] = [
    (FieldId::CardCompanyName, FieldId::CompanyName),
    (FieldId::CardCompanyAddress, FieldId::CompanyAddress),
    (FieldId::CardHolderName, FieldId::RepresentativeName),
];

/// What an officer needs to see whether or not the form shows it, with our own heading and labels.
const NEEDED: [(FieldId, &str); 7] = [
    (FieldId::CompanyNumber, "業者番号"),
    (FieldId::CompanyName, "企業名称"),
    (FieldId::CompanyAddress, "企業住所"),
    (FieldId::RepresentativeName, "代表者氏名"),
    (FieldId::CardCompanyName, "ICカード企業名称"),
    (FieldId::CardHolderName, "ICカード取得者氏名"),
    (FieldId::CertificateExpiry, "証明書有効期限"),
];

const NEEDED_SECTION: &str = "名簿・電子証明書";

/// The rows of `form`, and required ones that it does not show. `applied` holds only what was entered.
pub(super) fn rows(
    form: Option<&Form>,
    applied: &Values,
    roster: &Values,
    certificate: &Values,
) -> Vec<ReviewRow> {
    let row_of = |section: &str, label: &str, field: FieldId| {
        let row = ReviewRow {
            section: section.to_owned(),
            label: label.to_owned(),
            applied: applied.0.get(&field).cloned(),
            roster: roster.0.get(&counterpart(field)).cloned(),
            certificate: certificate.0.get(&field).cloned(),
            differs: false,
        };
        // The certificate's own rows are useless without one.
        let is_of_card = counterpart(field) != field;
        let says_something = row.applied.is_some() || row.certificate.is_some();
        let shown = says_something || (row.roster.is_some() && !is_of_card);
        shown.then(|| ReviewRow { differs: differs(field, &row), ..row })
    };
    let mut seen = Vec::new();
    let mut rows = Vec::new();
    for section in form.iter().flat_map(|form| &form.sections) {
        for row in &section.rows {
            let hidden = row.register == Mode::Hidden && !applied.0.contains_key(&row.field);
            let useless = row.field.is_repetition() || row.field.is_secret() || is_foreign(row.field);
            if hidden || useless || seen.contains(&row.field) {
                continue;
            }
            seen.push(row.field);
            rows.extend(row_of(&section.title, &row.label, row.field));
        }
    }
    let missing = NEEDED.iter().filter(|(field, _)| !seen.contains(field));
    rows.extend(missing.filter_map(|&(field, label)| row_of(NEEDED_SECTION, label, field)));
    rows
}

/// What belongs to another system.
fn is_foreign(field: FieldId) -> bool {
    matches!(field, FieldId::InformationUserId | FieldId::InformationPassword)
}

/// What the roster calls this.
fn counterpart(field: FieldId) -> FieldId {
    PAIRS.iter().find(|(card, _)| *card == field).map_or(field, |&(_, roster)| roster)
}

/// What the roster or the certificate does not say can't differ; what was left empty in the application can.
fn differs(field: FieldId, row: &ReviewRow) -> bool {
    let known = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let (roster, certificate) = (known(&row.roster), known(&row.certificate));
    let pairs = [
        (row.applied.clone(), roster.clone()),
        (row.applied.clone(), certificate.clone()),
        (certificate, roster),
    ];
    pairs.into_iter().any(|pair| matches!(pair, (Some(one), Some(other)) if !is_same(field, &one, &other)))
}

/// Whether two texts say the same, ignoring width, spaces, hyphens, variant characters and the spelling of
/// corporate forms; for the representative, also an office before the name and a former name after it.
fn is_same(field: FieldId, one: &str, other: &str) -> bool {
    match counterpart(field) {
        FieldId::RepresentativeName => fold_person(one) == fold_person(other),
        _ => fold_name(one) == fold_name(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(FieldId, &str)]) -> Values {
        pairs.iter().map(|&(field, value)| (field, value.to_owned())).collect()
    }

    #[test]
    fn what_differs_is_marked_and_what_is_only_written_otherwise_is_not() {
        let roster = values(&[
            (FieldId::CompanyName, "株式会社高崎建設"),
            (FieldId::RepresentativeName, "髙﨑　花子"),
            (FieldId::CompanyPhone, "017-000-0001"),
            (FieldId::CompanyFax, ""),
        ]);
        let applied =
            values(&[(FieldId::CompanyPhone, "０１７０００００１"), (FieldId::CompanyFax, "017-9")]);
        let certificate = values(&[
            (FieldId::CardCompanyName, "㈱髙﨑建設"),
            (FieldId::CardHolderName, "渡邉太郎"),
            (FieldId::CardCompanyAddress, ""),
        ]);
        let rows = rows(None, &applied, &roster, &certificate);
        let marked: Vec<(&str, bool)> = rows.iter().map(|row| (row.label.as_str(), row.differs)).collect();
        assert_eq!(
            marked,
            [
                ("企業名称", false),
                ("代表者氏名", false),
                ("ICカード企業名称", false),
                ("ICカード取得者氏名", true)
            ]
        );
        let phone = ReviewRow {
            section: String::new(),
            label: String::new(),
            applied: Some("017-000-0001".into()),
            roster: Some("０１７（０００）０００２".into()),
            certificate: None,
            differs: false,
        };
        assert!(differs(FieldId::CompanyPhone, &phone));
        assert!(!differs(
            FieldId::CompanyPhone,
            &ReviewRow { roster: Some("０１７　０００　０００１".into()), ..phone.clone() }
        ));
        assert!(
            differs(FieldId::CompanyPhone, &ReviewRow { applied: Some(String::new()), ..phone }),
            "left empty, though the roster knows"
        );
    }
}
