//! Whether the company in a card's certificate is the roster's, and what the agency makes of it.

use touroku_japanese::place::{may_be_same, prefecture};
use touroku_proto::{
    agency::AgencyProfile,
    api::ApiErrorCode,
    certificate::DisplayNames,
    form::Occasion,
    identity::{CompanyMatch, Finding, OnCompanyMismatch, OnSecondCard, RenewalMatch, ReviewCause, Verdict},
    text::{fold_name, fold_person, is_half_width},
};

use super::{Place, renamed::is_being_renamed};
use crate::{
    error::Error,
    japan,
    store::{DELEGATE_ADDRESS, DELEGATE_NAME, EventKind, Reader, RosterRow},
};

/// How long a company counts as renamed, in milliseconds: ten days, in which officers see the day's list.
const RENAMED_FOR: i64 = 10 * japan::DAY;

/// How names of branches end.
const BRANCHES: [&str; 19] = [
    "支店",
    "支社",
    "支所",
    "支部",
    "支局",
    "本店",
    "本社",
    "本部",
    "本所",
    "営業所",
    "営業部",
    "出張所",
    "事業所",
    "事業部",
    "事務所",
    "工場",
    "工事事務所",
    "センター",
    "オフィス",
];

/// How a head office is named where a roster names each office.
const HEAD_OFFICES: [&str; 3] = ["本店", "本社", "本所"];

/// Corporate forms that follow a name, as written by fold_name.
const FORMS_BEHIND: [&str; 6] = ["株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "協同組合"];

/// Compares a certificate's company with the roster's.
pub(crate) fn company_match(names: &DisplayNames, row: &RosterRow) -> CompanyMatch {
    let branch = row.branch.trim();
    let is_named = branch.is_empty() || fold_name(&row.name).ends_with(&fold_name(branch));
    let roster_name = if is_named { row.name.clone() } else { format!("{}　{branch}", row.name) };
    let certificate = Named { name: &names.company_name, number: &names.corporate_number };
    let of = |name, branch| compare(certificate, Named { name, number: &row.corporate_number }, branch);
    let mut finding = of(&row.name, branch);
    // 委任先: its name alone, or after the company's.
    let delegate = row.further(DELEGATE_NAME).trim();
    if !delegate.is_empty() {
        let others = [of(&row.name, delegate), of(delegate, branch)];
        finding = match others.into_iter().find(|other| other.verdict() == Verdict::Same) {
            Some(same) if finding.verdict() != Verdict::Same => same,
            _ => finding,
        };
    }
    let places = places(row);
    if finding == Finding::SameName && is_elsewhere(&names.company_address, &places) {
        finding = Finding::SameNameElsewhere;
    }
    CompanyMatch {
        finding,
        certificate_name: names.company_name.clone(),
        certificate_number: names.corporate_number.clone(),
        roster_name,
        roster_number: row.corporate_number.clone(),
        certificate_address: names.company_address.clone(),
        roster_address: row.address.clone(),
        other_address: !names.company_address.is_empty()
            && !places.addresses.is_empty()
            && !places.addresses.iter().any(|known| may_be_same(&names.company_address, known)),
    }
}

/// Where a company is, as the roster has it.
struct Places<'a> {
    addresses: Vec<&'a str>,
    /// Whether its head office is among them; otherwise a certificate with another address is no surprise.
    has_head_office: bool,
}

fn places(row: &RosterRow) -> Places<'_> {
    let of = |name: &str| row.further(name).trim();
    let (branch, delegate, delegated) = (row.branch.trim(), of(DELEGATE_NAME), of(DELEGATE_ADDRESS));
    let is_head_office = branch.is_empty() || HEAD_OFFICES.iter().any(|name| branch.ends_with(name));
    Places {
        addresses: [row.address.trim(), delegated]
            .into_iter()
            .filter(|address| !address.is_empty())
            .collect(),
        // A 委任先 of unknown address may be anywhere.
        has_head_office: is_head_office && (delegate.is_empty() || !delegated.is_empty()),
    }
}

/// Whether a certificate's address is in a prefecture where the roster has no office of the company, its head office
/// being known. Within a prefecture, companies move.
fn is_elsewhere(address: &str, places: &Places<'_>) -> bool {
    let known: Option<Vec<_>> = places.addresses.iter().map(|known| prefecture(known)).collect();
    match (prefecture(address), known) {
        (Some(here), Some(known)) => places.has_head_office && !known.is_empty() && !known.contains(&here),
        _ => false,
    }
}

/// A company as known to one side; unknown parts are empty.
#[derive(Clone, Copy)]
struct Named<'a> {
    name: &'a str,
    number: &'a str,
}

/// A 法人番号 decides where both sides know it: names change and are shared.
fn compare(certificate: Named<'_>, roster: Named<'_>, branch: &str) -> Finding {
    if !certificate.number.is_empty() && !roster.number.is_empty() {
        return if certificate.number == roster.number { Finding::SameNumber } else { Finding::OtherNumber };
    }
    let (named, known, branch) = (fold_name(certificate.name), fold_name(roster.name), fold_name(branch));
    if named.is_empty() {
        return Finding::NoName;
    }
    if named == known {
        return Finding::SameName;
    }
    let is_latin = |text: &str| text.chars().all(is_half_width);
    if is_latin(&named) && !is_latin(&known) {
        return Finding::Romaji;
    }
    match (known.strip_prefix(&named), named.strip_prefix(&known)) {
        (Some(rest), _) => branch_of(&named, rest, &branch),
        (_, Some(rest)) => branch_of(&known, rest, &branch),
        _ => Finding::OtherName,
    }
}

/// What it means that a name is followed by `rest` on the other side. 株式会社架空 and 株式会社架空建設青森支店
/// are two companies: only where the name has certainly ended is the rest a branch.
fn branch_of(name: &str, rest: &str, branch: &str) -> Finding {
    if rest == branch {
        return Finding::SameBranch;
    }
    if !BRANCHES.iter().any(|end| rest.ends_with(&fold_name(end))) {
        return Finding::OtherName;
    }
    let has_ended = FORMS_BEHIND.iter().any(|form| name.len() > form.len() && name.ends_with(form));
    if has_ended { Finding::SameBranch } else { Finding::BranchUnclear }
}

/// Why officers have to review a card that is to be registered.
///
/// # Errors
/// `company_mismatch` where the agency refuses another company's card.
pub(crate) fn causes_of_registration(
    place: &Place<'_>,
    occasion: Occasion,
    (found, was_renamed): (&CompanyMatch, bool),
) -> Result<Vec<ReviewCause>, Error> {
    let mut causes = Vec::new();
    if place.category.card_review {
        causes.push(ReviewCause::Category);
    }
    if occasion == Occasion::SecondCard && place.profile.second_card == OnSecondCard::Review {
        causes.push(ReviewCause::SecondCard);
    }
    causes.extend(cause_of_company(place.profile, found, was_renamed)?);
    Ok(causes)
}

/// Why officers have to review a card that is to replace another.
///
/// # Errors
/// `company_mismatch` where the agency refuses another company's card.
pub(crate) fn causes_of_renewal(
    profile: &AgencyProfile,
    old: &DisplayNames,
    new: &DisplayNames,
    (found, was_renamed): (&CompanyMatch, bool),
) -> Result<Vec<ReviewCause>, Error> {
    let mut causes: Vec<ReviewCause> = cause_of_company(profile, found, was_renamed)?.into_iter().collect();
    if profile.renewal_match == RenewalMatch::Holder {
        let [old, new] = [old, new].map(|names| fold_person(&names.holder_name));
        if old != new || new.is_empty() {
            causes.push(ReviewCause::HolderDiffers);
        }
    }
    Ok(causes)
}

/// Refuses a card of another company where the agency does.
///
/// # Errors
/// `company_mismatch`.
pub(crate) fn refuse_other(profile: &AgencyProfile, found: &CompanyMatch) -> Result<(), Error> {
    cause_of_company(profile, found, false).map(drop)
}

/// Whether the roster has lately made the company another one: whoever can do that alone must not let a card in by it.
pub(crate) fn was_renamed(reader: &Reader<'_>, agency: &str, number: &str, now: i64) -> Result<bool, Error> {
    Ok(reader.count_events((agency, number), EventKind::Renamed, (now - RENAMED_FOR, now))? > 0
        || is_being_renamed(reader, agency, number)?)
}

fn cause_of_company(
    profile: &AgencyProfile,
    found: &CompanyMatch,
    was_renamed: bool,
) -> Result<Option<ReviewCause>, Error> {
    Ok(match (profile.company_match, found.verdict()) {
        (OnCompanyMismatch::Review | OnCompanyMismatch::Refuse, Verdict::Same) if was_renamed => {
            Some(ReviewCause::CompanyRenamed)
        }
        (_, Verdict::Same) | (OnCompanyMismatch::Warn, _) => None,
        (OnCompanyMismatch::Refuse, Verdict::Differs) => return Err(ApiErrorCode::CompanyMismatch.into()),
        (_, Verdict::Differs) => Some(ReviewCause::CompanyDiffers),
        (_, Verdict::Unclear) => Some(ReviewCause::CompanyUnclear),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_company_of_a_certificate_is_compared_with_the_rosters() {
        for (certificate, roster, branch, expected) in [
            ("㈱髙﨑渡邉建設", "株式会社高崎渡辺建設", "", Finding::SameName),
            ("株式会社架空建設", "株式会社架空建設青森支店", "", Finding::BranchUnclear),
            ("株式会社架空建設", "株式会社架空建設　青森支店", "青森支店", Finding::SameBranch),
            ("株式会社架空建設青森支店", "（株）架空建設", "青森支店", Finding::SameBranch),
            ("架空建設有限会社", "架空建設（有）青森営業所", "", Finding::SameBranch),
            ("株式会社架空", "株式会社架空建設青森支店", "青森支店", Finding::BranchUnclear),
            ("株式会社架空", "株式会社架空建設", "", Finding::OtherName),
            ("株式会社悪徳商事", "株式会社架空建設", "", Finding::OtherName),
            ("株式会社", "株式会社架空支店", "", Finding::BranchUnclear),
            ("架空建設株式会社", "株式会社架空建設", "", Finding::OtherName),
            ("Kakuu Kensetsu Co., Ltd.", "株式会社架空建設", "", Finding::Romaji),
            ("ABC Inc.", "ＡＢＣ　Ｉｎｃ．", "", Finding::SameName),
            ("", "株式会社架空建設", "", Finding::NoName),
        ] {
            let named = |name| Named { name, number: "" };
            assert_eq!(
                compare(named(certificate), named(roster), branch),
                expected,
                "{certificate} {roster}"
            );
        }
    }

    #[test]
    fn one_name_in_two_prefectures_may_be_two_companies() {
        let found = |certificate: &str, row: &RosterRow| {
            let names = DisplayNames {
                company_name: "株式会社山田建設".into(),
                company_address: certificate.into(),
                ..DisplayNames::default()
            };
            let row = RosterRow { name: "（株）山田建設".into(), ..row.clone() };
            company_match(&names, &row)
        };
        let at = |address: &str| RosterRow { address: address.into(), ..RosterRow::default() };
        let head = at("青森県青森市長島一丁目");
        let elsewhere = found("岩手県盛岡市", &head);
        assert_eq!((elsewhere.finding, elsewhere.other_address), (Finding::SameNameElsewhere, true));
        let moved = found("青森県 八戸市", &head);
        assert_eq!((moved.finding, moved.other_address), (Finding::SameName, true), "companies move");
        assert!(!found("青森県 青森市長島1", &head).other_address);
        for unknown in ["", "盛岡市"] {
            assert_eq!(found(unknown, &head).finding, Finding::SameName);
        }
        assert_eq!(found("岩手県盛岡市", &at("青森市長島一丁目")).finding, Finding::SameName);

        // The roster's only address is a branch's: that of the certificate is expected to be another.
        for (branch, expected) in [
            ("本店", Finding::SameNameElsewhere),
            ("盛岡支店", Finding::SameName),
            ("営業部", Finding::SameName),
        ] {
            let row = RosterRow { branch: branch.into(), ..head.clone() };
            assert_eq!(found("東京都港区", &row).finding, expected, "{branch}");
        }
        for (delegated, expected) in [
            ("", Finding::SameName),
            ("岩手県盛岡市", Finding::SameName),
            ("宮城県仙台市", Finding::SameNameElsewhere),
        ] {
            let of = [(DELEGATE_NAME, "東北支店"), (DELEGATE_ADDRESS, delegated)];
            let more = of.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
            let found = found("岩手県盛岡市", &RosterRow { more, ..head.clone() });
            assert_eq!(found.finding, expected, "{delegated}");
            assert_eq!(found.other_address, delegated != "岩手県盛岡市");
        }

        let number: String = "4011001098993".into();
        let names = DisplayNames {
            corporate_number: number.clone(),
            company_address: "岩手県盛岡市".into(),
            ..DisplayNames::default()
        };
        let row = RosterRow { corporate_number: number, ..head };
        assert_eq!(company_match(&names, &row).finding, Finding::SameNumber);
    }

    #[test]
    fn a_corporate_number_decides_where_both_sides_know_it() {
        let of = |name, number| Named { name, number };
        let (one, other) = ("4011001098993", "7123456789012");
        assert_eq!(compare(of("旧社名", one), of("新社名", one), ""), Finding::SameNumber);
        assert_eq!(compare(of("同名", one), of("同名", other), ""), Finding::OtherNumber);
        assert_eq!(compare(of("同名", one), of("同名", ""), ""), Finding::SameName);
    }
}
