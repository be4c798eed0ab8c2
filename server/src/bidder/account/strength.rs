//! Weak passwords for an ID.

use touroku_proto::field::{FieldError, FieldId, Problem, Values};
use zxcvbn::Score;

use crate::{error::Error, password};

/// zxcvbn's minimum estimate: more than 10⁶ guesses, which take two years at the rate allowed for one ID. More
/// can't be required: agencies allow twenty letters and digits, and eight random ones must be enough.
const LEAST: Score = Score::Two;

/// Refuses a password that is easily guessed. `company`: what is known about its owner.
///
/// # Errors
/// `fields_invalid`, which says why.
pub(crate) async fn refuse_guessable(
    password: String,
    login_id: &str,
    company: &Values,
) -> Result<(), Error> {
    let of = |field| company.text(field).to_owned();
    let own = vec![login_id.to_owned(), of(FieldId::CompanyNumber), of(FieldId::CompanyName)];
    match password::guessable_aside(password, own, LEAST).await? {
        None => Ok(()),
        Some(why) => {
            let problem = Problem::Guessable { why };
            Err(Error::Fields(vec![FieldError { field: FieldId::LoginPassword, problem }]))
        }
    }
}
