//! 番号の通知.

pub(crate) use super::said::number::*;

/// What became of letters that only tell 業者番号.
pub(crate) fn made(letters: usize, left: u64) -> String {
    let made = if letters == 0 { plain::DONE_NONE.to_string() } else { done_letters(letters) };
    let left = if left == 0 { plain::LEFT_NONE.to_string() } else { plain::left_some(left) };
    made + &left
}

pub(crate) fn done(letters: usize, mailed: u32, left: u64) -> String {
    let done = match (letters, mailed) {
        (0, 0) => DONE_NONE.to_string(),
        (letters, 0) => done_letters(letters),
        (0, mailed) => done_mailed(mailed),
        (letters, mailed) => done_both(letters, mailed),
    };
    let left = match left {
        0 => LEFT_NONE.to_string(),
        left => left_some(left),
    };
    done + &left
}

pub(crate) fn unknown(numbers: &[String], issued: bool) -> String {
    let numbers = numbers.join("、");
    if issued { unknown_numbers(&numbers) } else { plain::unknown_numbers(&numbers) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_said_without_noughts() {
        assert_eq!(done(3, 0, 0), "通知書3通を作りました。番号のない会社はありません。");
        assert_eq!(done(0, 2, 5), "2社にメールで送りました。番号のない会社は、あと5社です。");
        assert_eq!(done(1, 2, 0), "通知書1通を作り、2社にメールで送りました。番号のない会社はありません。");
        assert_eq!(done(0, 0, 1), "発行した番号はありません。番号のない会社は、あと1社です。");
    }
}
