//! The server as its clients meet it: one binary, so that it is linked once.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]
#![allow(clippy::redundant_closure_for_method_calls, reason = "store closures are for any lifetime")]

mod account;
mod account_applicants;
mod account_change;
mod api;
mod attacks;
mod audit_seal;
mod backup;
mod card_review;
mod change;
mod cli;
mod connections;
mod crl_fetch;
mod expiry;
mod guards;
mod health;
mod hours;
mod identity;
mod jobs;
mod listing;
mod lock_out;
mod mail;
mod mail_relay;
mod mail_run;
mod metrics;
mod migration;
mod ocsp;
mod officer_account;
mod officer_audit;
mod officer_card;
mod officer_cli;
mod officer_company;
mod officer_daily;
mod officer_figures;
mod officer_import;
mod officer_import_trouble;
mod officer_independence;
mod officer_mail;
mod officer_number;
mod officer_profile;
mod officer_review;
mod officer_routes;
mod officer_secrets;
mod officer_sign_in;
mod officer_suspend;
mod profiles;
mod reload;
mod renewal;
mod revocation;
mod roster;
mod signed;
mod store;
mod support;
mod trust_files;
