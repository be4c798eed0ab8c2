//! What is typed, and what is wrong with it.

use touroku_proto::{
    few::Few,
    field::Guessable,
    officer::{MIN_PASSWORD, is_email},
};

const MAX_PASSWORD: usize = 128;

pub const MAX_REASON: usize = 500;

const MAX_NAME: usize = 60;

/// A text field. One screen never has the same one twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// ログインID.
    LoginId,
    Password,
    /// Six digits of the authenticator.
    Code,
    /// The current password.
    CurrentPassword,
    /// The password, before a card is linked.
    CardPassword,
    /// Six digits, before a card is linked.
    CardCode,
    NewPassword,
    NewPasswordAgain,
    /// Why an application is rejected, or a company suspended.
    Reason,
    /// The first day of a suspension.
    From,
    /// Its last day.
    Until,
    /// A note on an application.
    Note,
    /// Words of 審査.
    QueueQuery,
    /// Words of 照会.
    Query,
    /// Whose entries of 監査記録 are looked for.
    AuditActor,
    /// About what.
    AuditSubject,
    /// From which day.
    AuditFrom,
    /// Until which.
    AuditUntil,
    /// 業者番号 to issue numbers for, one per line.
    Numbers,
    /// ログインID of a new account.
    OfficerLoginId,
    /// 氏名 of a new account.
    OfficerName,
    /// Where a new account's link goes.
    OfficerEmail,
    /// Where an account's new link goes.
    LinkEmail,
    /// The text of 機関設定.
    Profile,
    /// The description of a system.
    Client,
    /// The first of days that are closed.
    ClosedFrom,
    /// The last of them.
    ClosedUntil,
}

impl Input {
    /// `id` and `name`.
    pub fn id(self) -> &'static str {
        match self {
            Self::LoginId => "login_id",
            Self::Password => "password",
            Self::Code => "code",
            Self::CurrentPassword => "current_password",
            Self::CardPassword => "card_password",
            Self::CardCode => "card_code",
            Self::NewPassword => "new_password",
            Self::NewPasswordAgain => "new_password_again",
            Self::Reason => "reason",
            Self::From => "from",
            Self::Until => "until",
            Self::Note => "note",
            Self::QueueQuery => "queue_query",
            Self::Query => "query",
            Self::AuditActor => "audit_actor",
            Self::AuditSubject => "audit_subject",
            Self::AuditFrom => "audit_from",
            Self::AuditUntil => "audit_until",
            Self::Numbers => "numbers",
            Self::OfficerLoginId => "officer_login_id",
            Self::OfficerName => "officer_name",
            Self::OfficerEmail => "officer_email",
            Self::LinkEmail => "link_email",
            Self::Profile => "profile_text",
            Self::Client => "client_text",
            Self::ClosedFrom => "closed_from",
            Self::ClosedUntil => "closed_until",
        }
    }

    /// Whether it is displayed as a password.
    pub fn is_password(self) -> bool {
        matches!(
            self,
            Self::Password
                | Self::CurrentPassword
                | Self::CardPassword
                | Self::NewPassword
                | Self::NewPasswordAgain
        )
    }

    /// Whether it is a day.
    pub fn is_day(self) -> bool {
        matches!(
            self,
            Self::From
                | Self::Until
                | Self::AuditFrom
                | Self::AuditUntil
                | Self::ClosedFrom
                | Self::ClosedUntil
        )
    }

    /// Whether it is kept in memory no longer than needed.
    pub fn is_secret(self) -> bool {
        self.is_password() || matches!(self, Self::Code | Self::CardCode)
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Missing,
    /// Not six digits.
    Code,
    /// Not those of the authenticator, says the server.
    CodeWrong,
    /// Below [`MIN_PASSWORD`].
    Short,
    /// Longer than this many characters.
    Long(usize),
    /// The password is the ログインID.
    IsLoginId,
    /// The server says why the password is easily guessed.
    Guessable(Guessable),
    /// Not the same as the field above.
    Differs,
    /// More than this many entries.
    TooMany(usize),
    /// Not 3 to 32 of `a-z 0-9 . _ -`.
    LoginId,
    /// Not a mail address.
    Email,
    /// A period that ends before it begins, or has ended.
    Period,
    /// Days that are typed and not added to those that are closed.
    NotAdded,
}

/// Texts of fields.
pub type Texts = Few<Input, String>;

/// The fields of the sign-in.
pub const SIGN_IN: [Input; 3] = [Input::LoginId, Input::Password, Input::Code];
/// The fields of a new account's link.
pub const SET_UP: [Input; 3] = [Input::NewPassword, Input::NewPasswordAgain, Input::Code];
/// The fields of one's own password.
pub const PASSWORD: [Input; 4] =
    [Input::CurrentPassword, Input::NewPassword, Input::NewPasswordAgain, Input::Code];
/// The fields for linking a card to the account.
pub const CARD: [Input; 2] = [Input::CardPassword, Input::CardCode];
/// The fields of a new account.
pub const ADD_OFFICER: [Input; 3] = [Input::OfficerLoginId, Input::OfficerName, Input::OfficerEmail];
pub const NEW_LINK: [Input; 1] = [Input::LinkEmail];
pub const CLIENT: [Input; 1] = [Input::Client];
/// Of 却下, suspend and lift.
pub const REASON: [Input; 1] = [Input::Reason];
/// Of a company's suspension.
pub const SUSPENSION: [Input; 3] = [Input::Reason, Input::From, Input::Until];

/// Of days that are closed.
pub const CLOSED: [Input; 2] = [Input::ClosedFrom, Input::ClosedUntil];

/// Of a note.
pub const NOTE: [Input; 1] = [Input::Note];

/// What is wrong with these fields. `login_id` is whose password is being set.
pub fn faults(inputs: &[Input], texts: &Texts, login_id: &str) -> Few<Input, Fault> {
    let text = |input: Input| texts.get(&input).map_or("", String::as_str);
    let fault = |input: Input| {
        let value = text(input);
        let length = value.trim().chars().count();
        match input {
            // `YYYY-MM-DD`, as a browser writes a day: in the order of time.
            Input::Until => (length > 0 && value < text(Input::From)).then_some(Fault::Period),
            Input::ClosedUntil => (length > 0 && value < text(Input::ClosedFrom)).then_some(Fault::Period),
            Input::From => None,
            _ if length == 0 => Some(Fault::Missing),
            Input::Code | Input::CardCode => (digits(value).len() != 6).then_some(Fault::Code),
            Input::NewPassword => new_password(value, login_id),
            Input::NewPasswordAgain => (value != text(Input::NewPassword)).then_some(Fault::Differs),
            Input::Reason | Input::Note => (length > MAX_REASON).then_some(Fault::Long(MAX_REASON)),
            Input::OfficerName => (length > MAX_NAME).then_some(Fault::Long(MAX_NAME)),
            Input::OfficerEmail | Input::LinkEmail => (!is_email(value.trim())).then_some(Fault::Email),
            Input::OfficerLoginId => (!is_login_id(value.trim())).then_some(Fault::LoginId),
            _ => None,
        }
    };
    inputs.iter().filter_map(|&input| Some((input, fault(input)?))).collect()
}

fn new_password(password: &str, login_id: &str) -> Option<Fault> {
    let length = password.chars().count();
    if length < MIN_PASSWORD {
        Some(Fault::Short)
    } else if length > MAX_PASSWORD {
        Some(Fault::Long(MAX_PASSWORD))
    } else {
        password.eq_ignore_ascii_case(login_id).then_some(Fault::IsLoginId)
    }
}

/// 3 to 32 of `a-z 0-9 . _ -`.
fn is_login_id(text: &str) -> bool {
    let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    (3..=32).contains(&text.len()) && text.bytes().all(known)
}

/// The digits of a code, as it may be pasted: full width, with spaces.
pub fn digits(text: &str) -> String {
    let narrow = |character: char| match character {
        '０'..='９' => char::from_digit(character as u32 - '０' as u32, 10),
        '0'..='9' => Some(character),
        _ => None,
    };
    text.chars().filter_map(narrow).collect()
}

/// The 業者番号 in a list: one per line, or separated by commas and spaces; without duplicates.
pub fn numbers(text: &str) -> Vec<String> {
    let mut numbers: Vec<String> = Vec::new();
    for number in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '、' | '，')) {
        if !number.is_empty() && !numbers.iter().any(|known| known == number) {
            numbers.push(number.to_owned());
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(inputs: &[Input], texts: &[(Input, &str)]) -> Vec<(Input, Fault)> {
        let texts = texts.iter().map(|(input, text)| (*input, (*text).to_owned())).collect();
        faults(inputs, &texts, "yamada.hanako").into_iter().collect()
    }

    #[test]
    fn a_code_may_be_pasted_in_full_width_and_with_a_space() {
        assert_eq!(digits(" １２３ 456 "), "123456");
        assert_eq!(found(&[Input::Code], &[(Input::Code, "１２３ 456")]), []);
        assert_eq!(found(&[Input::Code], &[(Input::Code, "12345")]), [(Input::Code, Fault::Code)]);
    }

    #[test]
    fn a_new_password_is_long_not_the_login_id_and_typed_twice_alike() {
        let of = |password: &str, again: &str| {
            found(
                &[Input::NewPassword, Input::NewPasswordAgain],
                &[(Input::NewPassword, password), (Input::NewPasswordAgain, again)],
            )
        };
        assert_eq!(of("twelve chars", "twelve chars"), []);
        assert_eq!(of("short", "short"), [(Input::NewPassword, Fault::Short)]);
        assert_eq!(of("Yamada.Hanako", "Yamada.Hanako"), [(Input::NewPassword, Fault::IsLoginId)]);
        assert_eq!(of("twelve chars", "twelve char"), [(Input::NewPasswordAgain, Fault::Differs)]);
        let long = "あ".repeat(129);
        assert_eq!(of(&long, &long), [(Input::NewPassword, Fault::Long(128))]);
    }

    #[test]
    fn numbers_come_one_a_line_or_separated_and_none_twice() {
        assert_eq!(numbers("001\r\n002、003 001,\n"), ["001", "002", "003"]);
        assert!(numbers(" \n").is_empty());
    }

    #[test]
    fn a_login_id_has_small_letters_digits_and_three_signs() {
        for good in ["abc", "yamada.hanako", "a-b_c.9"] {
            assert!(is_login_id(good), "{good}");
        }
        for bad in ["ab", "Yamada", "山田太郎", "a b c", &"a".repeat(33)] {
            assert!(!is_login_id(bad), "{bad}");
        }
    }
}
