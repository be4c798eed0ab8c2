//! A company's history in words.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::company::{Timeline, TimelineItem},
};

use crate::{
    app::App,
    error::Error,
    officer::Acting,
    store::{Event, EventKind, Reader},
};

/// The most events of each kind in one part.
const EVENTS: u32 = 100;

/// The most parts.
const PARTS: u32 = 10_000;

/// Who reads a company's page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Officers,
    /// The company's own cards and IDs: which officer it was is the agency's own affair, and an officer's reason is for
    /// whom it was written to.
    Company,
}

/// Shown to companies in place of an officer's name.
const OFFICERS: &str = "調達機関";

/// Where a part begins.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// The company's last event when the first part was read: what happens meanwhile moves no event from one part to
    /// another.
    until: i64,
    place: u32,
}

impl Part {
    /// [`Timeline::next`].
    ///
    /// # Errors
    /// `bad_request`.
    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        let read = || {
            let (until, place) = text.split_once('-')?;
            Some(Self { until: until.parse().ok()?, place: place.parse().ok().filter(|&it| it < PARTS)? })
        };
        read().ok_or(ApiErrorCode::BadRequest.into())
    }
}

/// A part of what happened to a company, in Japanese. `None`: the latest.
pub(crate) fn of(
    reader: &Reader<'_>,
    (agency, number): (&str, &str),
    audience: Audience,
    part: Option<Part>,
) -> Result<Timeline, Error> {
    let Part { until, place } = match part {
        Some(part) => part,
        None => Part { until: reader.last_event_of(agency, number)?.unwrap_or_default(), place: 0 },
    };
    let places = place * EVENTS..(place + 1) * EVENTS;
    let (events, has_more) = reader.events_of((agency, number), until, places)?;
    let items = events.into_iter().map(|event| item(event, audience)).collect();
    Ok(Timeline { items, next: has_more.then(|| format!("{until}-{}", place + 1)) })
}

/// Earlier events of a company.
///
/// # Errors
/// `not_found`, `bad_request`.
pub async fn timeline(
    app: &Arc<App>,
    acting: Acting,
    number: String,
    after: Option<&str>,
) -> Result<Timeline, Error> {
    let part = after.map(Part::read).transpose()?;
    app.store
        .read(move |reader| {
            reader.roster_row(acting.agency(), &number)?.ok_or(ApiErrorCode::NotFound)?;
            of(reader, (acting.agency(), &number), Audience::Officers, part)
        })
        .await
}

fn item(mut event: Event, audience: Audience) -> TimelineItem {
    if audience == Audience::Company {
        event.reason.clear();
        if !event.officer.is_empty() {
            OFFICERS.clone_into(&mut event.officer);
        }
    }
    let mut text = event.kind.map_or_else(|code| code, |kind| words(kind).to_owned());
    let mut about = Vec::new();
    if !event.serial.is_empty() {
        about.push(format!("証明書シリアル番号 {}", event.serial));
    }
    if !event.login_id.is_empty() {
        about.push(format!("ユーザーID {}", event.login_id));
    }
    if !event.detail.is_empty() {
        about.push(event.detail);
    }
    if !event.reason.is_empty() {
        about.push(format!("理由: {}", event.reason));
    }
    if !about.is_empty() {
        text = format!("{text}（{}）", about.join("、"));
    }
    TimelineItem { at_unix_ms: event.at, text, officer: event.officer }
}

fn words(kind: EventKind) -> &'static str {
    match kind {
        EventKind::CardRegistered => "ICカードが登録されました",
        EventKind::CardApplied => "ICカードの利用者登録を受け付けました（審査待ち）",
        EventKind::CompanySearched => "未登録のICカードで、資格審査情報が検索されました",
        EventKind::CardForged => {
            "登録されている証明書と同じ番号の、別の証明書が示されました（受け付けていません）"
        }
        EventKind::RenewalApplied => "ICカード更新を受け付けました（審査待ち）",
        EventKind::CardApproved => "ICカードの登録・更新を承認しました",
        EventKind::NumberIssued => "検索に使う番号を発行しました",
        EventKind::CardRejected => "ICカードの利用者登録を却下しました",
        EventKind::PermitReceived => "利用申請書を受理しました",
        EventKind::PermitGranted => "利用申請書を許可しました",
        EventKind::PermitWithdrawn => "利用申請書の受理・許可を取り消しました",
        EventKind::InformationShown => {
            "入札情報公開システムのパスワードが、「登録状況」の画面に表示されました"
        }
        EventKind::RowAdded => "名簿に手作業で追加しました",
        EventKind::RowCorrected => "名簿を手作業で訂正しました",
        EventKind::Renamed => "名簿の名称、法人番号または委任先が変わりました",
        EventKind::RosterAddress => "名簿のメールアドレスが変わりました",
        EventKind::Changed => "登録内容が変更されました",
        EventKind::CardReplaced => "ICカードが新しいICカードに切り替えられました",
        EventKind::CardRenewed => "新しいICカードに切り替えられました",
        EventKind::CardRevoked => "ICカードの失効を確認しました",
        EventKind::IdApplied => "ID登録申請を受け付けました",
        EventKind::IdApproved => "ID登録申請を承認しました",
        EventKind::Withdrawn => "審査中の申請が取り下げられました",
        EventKind::IdRejected => "ID登録申請を却下しました",
        EventKind::AddressConfirmed => "連絡先のメールアドレスが確認されました",
        EventKind::IdChanged => "IDの登録内容が変更されました",
        EventKind::PasswordLinkSent => "パスワード再設定のメールを送りました",
        EventKind::PasswordReset => "パスワードが再設定されました",
        EventKind::CompanySuspended => "会社の利用を停止しました",
        EventKind::CompanySuspensionCorrected => "会社の利用停止の理由・期間を訂正しました",
        EventKind::CompanyLifted => "会社の利用停止を解除しました",
        EventKind::SuspensionBegan => "会社の利用停止の期間が始まりました",
        EventKind::SuspensionEnded => "会社の利用停止の期間が終わりました",
        EventKind::QualificationBegan => "資格の認定日になりました",
        EventKind::QualificationEnded => "資格の有効期限が過ぎました",
        EventKind::CardSuspended => "ICカードの利用を停止しました",
        EventKind::CardStopped => "会社が自社のICカードの利用を停止しました",
        EventKind::IdStopped => "会社が自社のIDの利用を停止しました",
        EventKind::IdSuspended => "IDの利用を停止しました",
        EventKind::IdLifted => "IDの利用停止を解除しました",
        EventKind::CardLifted => "ICカードの利用停止を解除しました",
        EventKind::MailSentAgain => "届いていなかったメールを送り直しました",
        EventKind::MailGivenUp => "届いていなかったメールの送信を中止しました",
    }
}
