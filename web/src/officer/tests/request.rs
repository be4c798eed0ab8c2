//! Requests in the contract's notation.

use touroku_proto::officer::{
    OfficerChallenge,
    company::{CompanyFilter, Period, Reason, Suspend},
    import::{RowKind, TakeImport},
    review::{Decide, ReviewKind},
};

use crate::{
    call::Request,
    officer::{
        ask::{Ask, Target},
        route::{AuditSearch, CompanySearch, QueueSearch},
    },
};

fn line(ask: &Ask) -> String {
    let Request { kind, url, body } = ask.call().request;
    format!("{} {url} {}", kind.method.as_str(), body.unwrap_or_default()).trim_end().to_owned()
}

#[test]
fn questions_are_those_of_the_contract() {
    let search =
        CompanySearch { query: "(株)山田&x".to_owned(), filter: CompanyFilter::FormerRepresentative };
    let decide = Decide { revision: "r".to_owned(), approve: false, reason: "理由".to_owned() };
    let suspend = |target| Ask::Suspend { target, lift: true, body: Reason { reason: "r".to_owned() } };
    let period = Period { from: None, until: Some("2026-12-31".to_owned()) };
    let body = Suspend { reason: "r".to_owned(), period };
    for (ask, wanted) in [
        (Ask::Session, "GET /api/officer/session"),
        (Ask::SignOut, "DELETE /api/officer/session"),
        (
            Ask::Challenge(OfficerChallenge { agency: "city".to_owned() }),
            r#"POST /api/officer/challenge {"agency":"city"}"#,
        ),
        (
            Ask::Applications { search: QueueSearch::default(), after: Some("1/2".to_owned()) },
            "GET /api/officer/applications?state=pending&after=1%2F2",
        ),
        (
            Ask::Decide { kind: ReviewKind::Card, id: 7, body: decide },
            r#"POST /api/officer/applications/card/7/decision {"revision":"r","approve":false,"reason":"理由"}"#,
        ),
        (
            Ask::ImportRows { id: 5, kind: RowKind::Doubtful, after: Some(9) },
            "GET /api/officer/imports/5/rows?kind=doubtful&after=9",
        ),
        (
            Ask::Take { id: 5, body: TakeImport { skip_wrong: true, remove_missing: false } },
            r#"POST /api/officer/imports/5/take {"skip_wrong":true,"remove_missing":false}"#,
        ),
        (
            Ask::Companies { search, after: None },
            "GET /api/officer/companies?query=%28%E6%A0%AA%29%E5%B1%B1%E7%94%B0%26x&filter=former_representative",
        ),
        (
            suspend(Target::Company("0/1".to_owned())),
            r#"POST /api/officer/companies/0%2F1/lift {"reason":"r"}"#,
        ),
        (
            Ask::SuspendCompany { number: "1".to_owned(), seen: Some(5), body },
            r#"POST /api/officer/companies/1/suspension {"seen_unix_ms":5,"suspend":{"reason":"r","period":{"from":null,"until":"2026-12-31"}}}"#,
        ),
        (suspend(Target::Card(3)), r#"POST /api/officer/cards/3/lift {"reason":"r"}"#),
        (
            Ask::Audit { search: AuditSearch::default(), before: Some(101) },
            "GET /api/officer/audit?before=101",
        ),
        (
            Ask::ListAudit {
                search: AuditSearch { subject: "株&1".to_owned(), ..AuditSearch::default() },
                before: None,
            },
            "GET /api/officer/audit/list?subject=%E6%A0%AA%261",
        ),
    ] {
        assert_eq!(line(&ask), wanted);
    }
}
