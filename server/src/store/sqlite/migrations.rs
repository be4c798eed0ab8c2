//! The schema, step by step. Steps are only ever appended.

use rusqlite_migration::{M, Migrations};

use super::fill;

/// All steps, one per line.
pub(super) fn all() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(include_str!("../migrations/001_registration.sql")),
        M::up(include_str!("../migrations/002_functions.sql")),
        M::up_with_hook(include_str!("../migrations/003_around.sql"), fill::fill_in),
        M::up(include_str!("../migrations/004_trust.sql")),
        M::up(include_str!("../migrations/005_officer.sql")),
        M::up(include_str!("../migrations/006_import.sql")),
        M::up(include_str!("../migrations/007_review.sql")),
        M::up(include_str!("../migrations/008_name_terms.sql")),
        M::up(include_str!("../migrations/009_officer_gaps.sql")),
        M::up(include_str!("../migrations/010_receipt.sql")),
        M::up(include_str!("../migrations/011_kept.sql")),
        M::up(include_str!("../migrations/012_lease.sql")),
        M::up_with_hook(include_str!("../migrations/013_roster_more.sql"), fill::fill_in),
        M::up(include_str!("../migrations/014_mail.sql")),
        M::up_with_hook(include_str!("../migrations/015_identity.sql"), fill::sign_serials),
        M::up(include_str!("../migrations/016_server.sql")),
        M::up(include_str!("../migrations/017_officer_makers.sql")),
        M::up(include_str!("../migrations/018_profile_proposal.sql")),
        M::up(include_str!("../migrations/019_guesses.sql")),
        M::up(include_str!("../migrations/020_officer_card.sql")),
        M::up(include_str!("../migrations/021_audit_seal.sql")),
        M::up(include_str!("../migrations/022_officer_certificate.sql")),
        M::up(include_str!("../migrations/023_daily.sql")),
        M::up(include_str!("../migrations/024_applicants.sql")),
        M::up(include_str!("../migrations/025_mail_address.sql")),
        M::up(include_str!("../migrations/026_one_receipt.sql")),
        M::up(include_str!("../migrations/027_withdrawal.sql")),
        M::up(include_str!("../migrations/028_sign_in.sql")),
        M::up(include_str!("../migrations/029_reset_life.sql")),
        M::up(include_str!("../migrations/030_role.sql")),
        M::up(include_str!("../migrations/031_review_note.sql")),
        M::up(include_str!("../migrations/032_officer_notices.sql")),
        M::up(include_str!("../migrations/033_number_letter.sql")),
        M::up(include_str!("../migrations/034_suspension_period.sql")),
        M::up(include_str!("../migrations/035_kept_rows.sql")),
        M::up(include_str!("../migrations/036_feed.sql")),
        M::up(include_str!("../migrations/037_void_letters.sql")),
        M::up(include_str!("../migrations/038_find_contacts.sql")),
        M::up(include_str!("../migrations/039_find_audit.sql")),
        M::up(include_str!("../migrations/040_officer_made.sql")),
        M::up(include_str!("../migrations/041_import_piece.sql")),
        M::up(include_str!("../migrations/042_permit.sql")),
        M::up(include_str!("../migrations/043_profile_version.sql")),
        M::up(include_str!("../migrations/044_stop_and_move.sql")),
        M::up(include_str!("../migrations/045_indexes.sql")),
        M::up(include_str!("../migrations/047_profile_changes.sql")),
        M::up(include_str!("../migrations/048_information_password.sql")),
        M::up(include_str!("../migrations/049_roster_edition.sql")),
    ])
}
