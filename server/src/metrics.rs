//! Metrics for Prometheus: requests and their duration, what is waiting, how fresh revocation data is. Numbers,
//! agencies' codes and CAs' names; nothing about a person, a company or an address.
//!
//! By hand: Prometheus's text format 0.0.4 is one line per sample, and a router's metrics need no registry.

use std::{fmt::Write as _, path::Path, sync::Arc};

use touroku_proto::export::ExportTime;

use crate::{
    app::App,
    archive::Status,
    error::Error,
    file, health,
    readiness::Readiness,
    requests::{BOUNDS, Requests},
    store::Tally,
};

/// All metrics in Prometheus's format.
pub async fn text(app: &Arc<App>) -> Result<String, Error> {
    let readiness = health::readiness(app).await;
    let counted = app.store.read(|reader| Ok((reader.mail_counts()?, reader.tallies()?))).await;
    let now = app.outside.now() / 1000;
    let mut text = Exposition::default();
    text.family("touroku_info", "gauge", "The running server.");
    text.line("touroku_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    text.requests(&app.metrics.requests());
    text.readiness(&readiness);
    text.disk(app.store.path());
    text.backups(&Status::of(app.store.path()));
    // Without a database the metrics above are the important ones.
    let Ok((mail, tallies)) = counted else { return Ok(text.0) };
    text.family("touroku_mails", "gauge", "Mails in the outbox: queued, or refused by the mail server.");
    text.line("touroku_mails", &[("state", "queued")], mail.queued);
    text.line("touroku_mails", &[("state", "refused")], mail.refused);
    text.family(
        "touroku_mail_oldest_seconds",
        "gauge",
        "For how long the oldest queued mail waits; 0 when none does.",
    );
    text.line("touroku_mail_oldest_seconds", &[], mail.oldest_seconds(app.outside.now()));
    let failing = u8::from(app.mail_watch.trouble().is_some());
    text.family("touroku_mail_failing", "gauge", "1 while the mail server takes no mail of this server.");
    text.line("touroku_mail_failing", &[], failing);
    let attempts = app.mail_watch.counts();
    let name = "touroku_mail_attempts_total";
    text.family(name, "counter", "Attempts to deliver a mail, by what came of them.");
    text.line(name, &[("outcome", "sent")], attempts.sent);
    text.line(name, &[("outcome", "failed")], attempts.failed);
    text.line(name, &[("outcome", "unknown")], attempts.unknown);
    type Figure = (&'static str, &'static str, fn(&Tally) -> u64);
    let figures: [Figure; 4] = [
        ("touroku_companies", "Registered companies.", |tally| tally.companies),
        ("touroku_cards", "Registered cards in use.", |tally| tally.cards),
        ("touroku_accounts", "Approved IDs.", |tally| tally.accounts),
        ("touroku_applications_waiting", "Applications that wait for an officer.", |tally| tally.waiting),
    ];
    for (name, help, count) in figures {
        text.family(name, "gauge", help);
        for tally in &tallies {
            text.line(name, &[("agency", &tally.agency)], count(tally));
        }
    }
    text.files(app);
    let crls = app.trust.current().crl_times();
    text.family("touroku_crl_age_seconds", "gauge", "Since the issuer's oldest CRL at hand was made.");
    for (issuer, crl) in &crls {
        text.line("touroku_crl_age_seconds", &[("issuer", issuer)], now - crl.this_update);
    }
    text.family(
        "touroku_crl_remaining_seconds",
        "gauge",
        "Until the issuer's first CRL at hand expires; below 0 its cards are refused.",
    );
    for (issuer, crl) in &crls {
        if let Some(next_update) = crl.next_update {
            text.line("touroku_crl_remaining_seconds", &[("issuer", issuer)], next_update - now);
        }
    }
    Ok(text.0)
}

#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing into a `String` cannot fail, here and below.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<_> =
            labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escaped(value))).collect();
        let _ = writeln!(self.0, "{name}{{{}}} {value}", labels.join(","));
    }

    fn readiness(&mut self, readiness: &Readiness) {
        self.family(
            "touroku_ready",
            "gauge",
            "Whether each of what the server needs is well, as /readyz says.",
        );
        for check in &readiness.checks {
            self.line("touroku_ready", &[("check", check.name)], u8::from(check.ok));
        }
    }

    fn disk(&mut self, database: &Path) {
        self.family("touroku_database_bytes", "gauge", "Size of the database's files.");
        for (file, ending) in [("database", ""), ("wal", "-wal")] {
            if let Ok(metadata) = std::fs::metadata(file::beside(database, ending)) {
                self.line("touroku_database_bytes", &[("file", file)], metadata.len());
            }
        }
        if let Ok((free, all)) = file::room(database) {
            self.family("touroku_disk_bytes", "gauge", "The disk of the database.");
            self.line("touroku_disk_bytes", &[("kind", "free")], free);
            self.line("touroku_disk_bytes", &[("kind", "all")], all);
        }
    }

    fn files(&mut self, app: &App) {
        if app.settings.files.is_none() {
            return;
        }
        let name = "touroku_file_late_seconds";
        self.family(
            name,
            "gauge",
            "For how long a file for another system can't be written; 0 while it can.",
        );
        for profile in app.agencies.all() {
            for file in profile.export.iter().filter(|file| file.when != ExportTime::Request) {
                let late = app.file_watch.late_for(&profile.code, &file.code, app.outside.now());
                let labels = [("agency", profile.code.as_str()), ("file", file.code.as_str())];
                self.line(name, &labels, late.unsigned_abs().div_ceil(1000));
            }
        }
    }

    fn backups(&mut self, status: &Status) {
        let kinds = [("backup", &status.backup), ("drill", &status.drill)];
        let name = "touroku_backup_last_ok";
        self.family(name, "gauge", "Whether the last backup, or drill of one, succeeded.");
        for (kind, outcome) in kinds {
            if let Some(outcome) = outcome {
                self.line(name, &[("kind", kind)], u8::from(outcome.ok));
            }
        }
        let name = "touroku_backup_last_good_timestamp_seconds";
        self.family(name, "gauge", "When one last succeeded.");
        for (kind, outcome) in kinds {
            if let Some(at) = outcome.as_ref().and_then(|outcome| outcome.last_good) {
                self.line(name, &[("kind", kind)], at / 1000);
            }
        }
    }

    fn requests(&mut self, requests: &Requests) {
        let name = "touroku_http_requests_total";
        self.family(name, "counter", "Answered requests.");
        for ((method, route, status), count) in &requests.answered {
            let status = status.to_string();
            self.line(name, &[("method", method), ("route", route), ("status", &status)], count);
        }
        let name = "touroku_http_request_duration_seconds";
        self.family(name, "histogram", "How long answers took.");
        for (route, latency) in &requests.latency {
            let mut within = 0;
            for (bound, count) in BOUNDS.iter().zip(latency.within) {
                within += count;
                let bound = bound.to_string();
                self.line(&format!("{name}_bucket"), &[("route", route), ("le", &bound)], within);
            }
            self.line(&format!("{name}_bucket"), &[("route", route), ("le", "+Inf")], latency.count);
            self.line(&format!("{name}_sum"), &[("route", route)], latency.seconds);
            self.line(&format!("{name}_count"), &[("route", route)], latency.count);
        }
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::http::Method;

    use super::*;
    use crate::requests::Metrics;

    #[test]
    fn buckets_add_up_and_what_takes_longer_than_all_is_in_the_last_only() {
        let metrics = Metrics::default();
        for seconds in [0.001, 0.02, 31.0] {
            metrics.record(&Method::GET, "/api/clock", 200, seconds);
        }
        let mut text = Exposition::default();
        text.requests(&metrics.requests());
        let bucket = |bound: &str| {
            let start = format!(
                "touroku_http_request_duration_seconds_bucket{{route=\"/api/clock\",le=\"{bound}\"}} "
            );
            let line = text.0.lines().find_map(|line| line.strip_prefix(&start));
            line.unwrap().parse::<u64>().unwrap()
        };
        assert_eq!([bucket("0.005"), bucket("0.025"), bucket("30"), bucket("+Inf")], [1, 2, 2, 3]);
    }

    #[test]
    fn refusals_are_counted_until_they_are_told() {
        let metrics = Metrics::default();
        for status in [429, 200, 429] {
            metrics.record(&Method::GET, "/api/clock", status, 0.0);
        }
        assert_eq!(metrics.take_refused(), BTreeMap::from([("/api/clock".to_owned(), 2)]));
        assert!(metrics.take_refused().is_empty());
    }

    #[test]
    fn a_method_of_ones_own_making_is_one_of_the_others_and_labels_are_one_line() {
        let metrics = Metrics::default();
        for method in ["BREW", "WHEN"] {
            metrics.record(&Method::from_bytes(method.as_bytes()).unwrap(), "-", 404, 0.0);
        }
        let mut text = Exposition::default();
        text.requests(&metrics.requests());
        assert!(
            text.0.contains("touroku_http_requests_total{method=\"other\",route=\"-\",status=\"404\"} 2\n")
        );
        assert_eq!(escaped("CN=\"a\\b\"\n"), r#"CN=\"a\\b\"\n"#);
    }
}
