//! Labels, support texts and mistakes of fields.

use touroku_proto::field::Guessable;
use yew::AttrValue;

use super::Text;
pub(crate) use super::said::field::*;
use crate::officer::input::{Fault, Input};

pub(crate) fn label(input: Input) -> Text {
    match input {
        Input::LoginId | Input::OfficerLoginId => LABEL_LOGIN_ID,
        Input::Password => LABEL_PASSWORD,
        Input::Code | Input::CardCode => LABEL_CODE,
        Input::CurrentPassword | Input::CardPassword => LABEL_CURRENT_PASSWORD,
        Input::NewPassword => LABEL_NEW_PASSWORD,
        Input::NewPasswordAgain => LABEL_NEW_PASSWORD_AGAIN,
        Input::Reason => LABEL_REASON,
        Input::From => LABEL_FROM,
        Input::Until => LABEL_UNTIL,
        Input::Note => LABEL_NOTE,
        Input::QueueQuery => LABEL_QUEUE_QUERY,
        Input::Query => LABEL_QUERY,
        Input::AuditActor => LABEL_AUDIT_ACTOR,
        Input::AuditSubject => LABEL_AUDIT_SUBJECT,
        Input::AuditFrom => LABEL_AUDIT_FROM,
        Input::AuditUntil => LABEL_AUDIT_UNTIL,
        Input::Numbers => LABEL_NUMBERS,
        Input::OfficerName => LABEL_OFFICER_NAME,
        Input::OfficerEmail | Input::LinkEmail => LABEL_OFFICER_EMAIL,
        Input::Profile => LABEL_PROFILE,
        Input::Client => LABEL_CLIENT,
        Input::ClosedFrom => LABEL_CLOSED_FROM,
        Input::ClosedUntil => LABEL_CLOSED_UNTIL,
    }
}

pub(crate) fn hint(input: Input) -> Text {
    match input {
        Input::Code | Input::CardCode => HINT_CODE,
        Input::NewPassword => HINT_NEW_PASSWORD,
        Input::Reason => HINT_REASON,
        Input::ClosedUntil => HINT_CLOSED_UNTIL,
        Input::From => HINT_FROM,
        Input::Until => HINT_UNTIL,
        Input::Note => HINT_NOTE,
        Input::QueueQuery => HINT_QUEUE_QUERY,
        Input::Query => HINT_QUERY,
        Input::AuditSubject => HINT_AUDIT_SUBJECT,
        Input::Numbers => HINT_NUMBERS,
        Input::OfficerLoginId => HINT_OFFICER_LOGIN_ID,
        Input::Client => HINT_CLIENT,
        Input::OfficerName => HINT_OFFICER_NAME,
        Input::OfficerEmail | Input::LinkEmail => HINT_OFFICER_EMAIL,
        _ => Text::NONE,
    }
}

/// What is wrong with a field.
pub(crate) fn fault(input: Input, fault: Fault) -> AttrValue {
    match fault {
        Fault::Missing => fault_missing(&label(input)).into(),
        Fault::Code => FAULT_CODE.into(),
        Fault::CodeWrong => FAULT_CODE_WRONG.into(),
        Fault::Short => FAULT_FEW.into(),
        Fault::Long(max) => fault_long(max).into(),
        Fault::TooMany(max) => fault_too_many(max).into(),
        Fault::Guessable(why) => match why {
            Guessable::Common => FAULT_COMMON,
            Guessable::Own => FAULT_OWN,
            Guessable::Sequence => FAULT_SEQUENCE,
            Guessable::Repeated => FAULT_REPEATED,
            Guessable::Date => FAULT_DATE,
            Guessable::Short => FAULT_SHORT,
        }
        .into(),
        Fault::IsLoginId => FAULT_IS_LOGIN_ID.into(),
        Fault::Differs => FAULT_DIFFERS.into(),
        Fault::Email => FAULT_EMAIL.into(),
        Fault::Period => FAULT_PERIOD.into(),
        Fault::LoginId => FAULT_LOGIN_ID.into(),
        Fault::NotAdded => FAULT_NOT_ADDED.into(),
    }
}
