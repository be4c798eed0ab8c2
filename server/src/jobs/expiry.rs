//! Reminders before a registered card expires.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use touroku_proto::{
    agency::AgencyProfile,
    certificate::Facts,
    field::{FieldId, Values},
};

use crate::{
    app::App,
    error::Error,
    japan,
    mail::{DayEvent, Letter},
    registry::card::{Card, days_between, registered_values},
    store::{Attachment, ExpiringCard, Writer},
};

/// How many mails are written in one transaction: others wait for it.
const BATCH: usize = 100;

/// How many certificates are parsed per transaction.
const READ_BATCH: u32 = 1000;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Queues the reminders that are due. Each threshold of the profile is used once; after an interruption, only the
/// nearest of those that have passed. Returns for how many cards.
pub async fn remind(app: &Arc<App>) -> Result<usize, Error> {
    read_expiries(app).await?;
    let now = app.outside.now();
    app.store.write(move |writer| writer.forget_reminders_ahead(now)).await?;
    let mut reminded = 0;
    for profile in app.agencies.all() {
        let thresholds = &profile.expiry_notice_days;
        let Some(&first) = thresholds.iter().max() else { continue };
        let (agency, from) = (profile.code.clone(), now.div_euclid(1000));
        let to = from + (i64::from(first) + 1) * DAY;
        let cards = app.store.scan(move |reader| reader.expiring_cards(&agency, from, to)).await?;
        let due: Vec<Due> = cards.into_iter().filter_map(|card| Due::of(card, thresholds, from)).collect();
        for batch in due.chunks(BATCH) {
            let (shared, agency, batch) = (Arc::clone(app), profile.code.clone(), batch.to_vec());
            reminded += app
                .store
                .write(move |writer| {
                    let profile = shared.agencies.profile(&agency)?;
                    let mut cards = 0;
                    for due in &batch {
                        cards += usize::from(due.remind(writer, &shared, profile, now)?);
                    }
                    Ok(cards)
                })
                .await?;
        }
    }
    if reminded > 0 {
        app.mail_queued.notify_one();
    }
    Ok(reminded)
}

/// Reads the expiry times of cards registered since the last time.
async fn read_expiries(app: &Arc<App>) -> Result<(), Error> {
    loop {
        let unread = app.store.read(|reader| reader.unread_cards(READ_BATCH)).await?;
        if unread.is_empty() {
            return Ok(());
        }
        let write = app.store.write(move |writer| {
            unread.iter().try_for_each(|card| {
                // A certificate that was once verified can be parsed; if not, there is no point in retrying
                // forever.
                let expires_at = Facts::parse(&card.certificate).map_or(0, |facts| facts.not_after);
                writer.note_expiry(card.card, &card.serial, expires_at)
            })
        });
        write.await?;
    }
}

/// A reminder to be sent.
#[derive(Clone)]
struct Due {
    card: ExpiringCard,
    threshold: u16,
    days_left: i64,
}

impl Due {
    /// The nearest threshold that has passed, unless a reminder was sent for it or a later one. `now` in Unix
    /// seconds.
    fn of(card: ExpiringCard, thresholds: &[u16], now: i64) -> Option<Self> {
        let days_left = days_between(now, card.expires_at);
        let passed = thresholds.iter().copied().filter(|&days| i64::from(days) >= days_left);
        let threshold = passed.min()?;
        card.reminded.is_none_or(|last| threshold < last).then_some(Self { card, threshold, days_left })
    }

    /// Returns whether there was somebody to remind.
    fn remind(
        &self,
        writer: &Writer<'_>,
        app: &App,
        profile: &AgencyProfile,
        now: i64,
    ) -> Result<bool, Error> {
        let card = Card::read(&app.agencies, &writer.certificate_of(self.card.card)?)?;
        let agency = profile.code.as_str();
        // A replaced card is no longer in use.
        let Some(registered) = writer.card(agency, &card.identity)? else { return Ok(false) };
        if !writer.note_reminder(&self.card, self.threshold, now)? {
            return Ok(false);
        }
        let values = registered_values(writer, profile, &card, registered)?;
        let event = self.event(&card, &values, profile, now);
        let days_left = self.days_left.to_string();
        let mailed = Letter::new(&profile.mail.card_expiring, &values)
            .with(&[("days_left", &days_left)])
            .attach(&event)
            .bulk()
            .queue(&app.desk(writer, profile, now))?;
        Ok(!mailed.to.is_empty())
    }

    /// The day of the expiry, for the person's own calendar.
    fn event(&self, card: &Card, values: &Values, profile: &AgencyProfile, now: i64) -> Attachment {
        let domain = profile.mail.from.rsplit('@').next().unwrap_or_default();
        let identity = Sha256::new().chain_update(&card.identity.issuer).chain_update(&card.identity.serial);
        let rows = [
            ("企業名称", FieldId::CompanyName),
            ("ICカード取得者氏名", FieldId::CardHolderName),
            ("証明書シリアル番号", FieldId::CertificateSerial),
            ("証明書有効期限", FieldId::CertificateExpiry),
        ];
        let rows: Vec<String> =
            rows.iter().map(|(label, field)| format!("{label} : {}", values.text(*field))).collect();
        DayEvent {
            uid: &format!("{}@{domain}", hex::encode(&identity.finalize()[..16])),
            made_at: now.div_euclid(1000),
            day: japanese_day(self.card.expires_at),
            summary: &format!("ICカードの有効期限（{} 電子入札）", profile.name),
            description: &rows.join("\n"),
            alarm_days: if self.days_left > 7 { 7 } else { 1 },
        }
        .to_attachment()
    }
}

fn japanese_day(unix: i64) -> jiff::civil::Date {
    japan::OFFSET.to_datetime(jiff::Timestamp::from_second(unix).unwrap_or_default()).date()
}
