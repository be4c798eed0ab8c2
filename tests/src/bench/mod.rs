//! What `cargo xtask bench` measures, each figure beside its limit: what the same work costs without us.

pub mod card;
pub mod import;
pub mod load;
pub mod officer_import;
pub mod page;
pub mod search;
mod server;
pub mod workbook;

use std::time::Duration;

/// One measured figure.
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// Ours, with its unit.
    pub ours: String,
    pub limit: String,
    /// Ours over the limit.
    pub ratio: f64,
    /// What the ratio should be.
    pub aim: &'static str,
}

impl Figure {
    /// Durations: a smaller ratio is better.
    pub fn duration(name: &str, ours: Duration, limit: Duration, what: &str, aim: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            ours: milliseconds(ours),
            limit: format!("{} {what}", milliseconds(limit)),
            ratio: ours.as_secs_f64() / limit.as_secs_f64(),
            aim,
        }
    }

    /// Rates: a larger ratio is better.
    pub fn rate(name: &str, ours: f64, limit: f64, what: &str, aim: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            ours: format!("{ours:.0}/s"),
            limit: format!("{limit:.0}/s {what}"),
            ratio: ours / limit,
            aim,
        }
    }

    /// Counts and sizes.
    pub fn count(name: &str, ours: u64, limit: u64, unit: &str, aim: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            ours: format!("{ours} {unit}"),
            limit: format!("{limit} {unit}"),
            ratio: ours as f64 / limit as f64,
            aim,
        }
    }

    pub fn print(&self) {
        println!(
            "{:<52} {:>14}   {:<44} {:>6.2}   {}",
            self.name, self.ours, self.limit, self.ratio, self.aim
        );
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}

/// The median of several measurements; the mean would follow a single hiccup of the machine.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
