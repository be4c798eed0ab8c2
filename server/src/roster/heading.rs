//! Headings of two rows: 「委任先」 over 「名称」 and 「住所」.

use std::ops::Range;

use crate::error::Error;

/// A row's titles with those of the row above, and their rating, if that makes more of both than either is alone.
/// What stands over several columns precedes their titles (`委任先名称`); what stands over an empty cell is the column's.
/// `merged`: columns that the row above merges.
pub(super) fn joined(
    above: &[String],
    row: &[String],
    merged: &[Range<usize>],
    rate: &dyn Fn(&[String]) -> Result<usize, Error>,
) -> Result<Option<(usize, Vec<String>)>, Error> {
    let width = above.len().max(row.len());
    let own = |index: usize| row.get(index).filter(|title| !title.is_empty());
    let mut titles: Vec<String> =
        (0..width).map(|index| own(index).or(above.get(index)).cloned().unwrap_or_default()).collect();
    let mut rating = rate(&titles)?;
    let mut is_joined = false;
    for group in groups(above, merged, width) {
        let Some(name) = above.get(group.start) else { continue };
        let mut tried = titles.clone();
        for (index, title) in tried.iter_mut().enumerate() {
            // One that is merged downwards as well stands there already.
            if group.contains(&index) && own(index).is_some_and(|own| own != name) {
                title.insert_str(0, name);
            }
        }
        // 「本店」 over 「住所」 says no more than 「住所」.
        let rated = rate(&tried)?;
        if tried != titles && rated >= rating {
            (titles, rating, is_joined) = (tried, rated, true);
        }
    }
    let (upper, lower) = (rate(above)?, rate(row)?);
    Ok((rating > lower && (rating > upper || is_joined && rating == upper)).then_some((rating, titles)))
}

/// What stands over several columns: merged, or followed by empty cells.
fn groups(above: &[String], merged: &[Range<usize>], width: usize) -> Vec<Range<usize>> {
    let filled = |index: &usize| above.get(*index).is_some_and(|title| !title.is_empty());
    let end = |start: usize| {
        let own = merged.iter().find(|columns| columns.start == start).map(|columns| columns.end.min(width));
        own.or_else(|| (start + 1..width).find(filled)).unwrap_or(width)
    };
    (0..width).filter(filled).map(|start| start..end(start)).filter(|group| group.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{agency::parse_profile, roster::columns::Columns};

    fn titles(above: &str, row: &str, merged: Option<Range<usize>>) -> Option<String> {
        let profile = parse_profile(include_str!("../../../agencies/aomori.toml")).unwrap();
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let rate = |titles: &[String]| Ok(Columns::rate(titles, &profile));
        joined(&cells(above), &cells(row), merged.as_slice(), &rate)
            .unwrap()
            .map(|(_, titles)| titles.join(","))
    }

    #[test]
    fn a_title_over_several_columns_precedes_theirs_where_that_says_more() {
        let two = |above, row| titles(above, row, None);
        assert_eq!(
            two("業者番号,商号又は名称,委任先,,", ",,名称,住所,電話番号").as_deref(),
            Some("業者番号,商号又は名称,委任先名称,委任先住所,委任先電話番号")
        );
        // Merged downwards, with another group that says nothing.
        assert_eq!(
            two("業者番号,本店,,,委任先,", "業者番号,商号又は名称,住所,電話番号,名称,住所").as_deref(),
            Some("業者番号,商号又は名称,住所,電話番号,委任先名称,委任先住所")
        );
        assert_eq!(
            two("業者番号,商号又は名称,委任先,", ",,名称,備考").as_deref(),
            Some("業者番号,商号又は名称,委任先名称,委任先備考")
        );
        // Only as far as it is merged.
        assert_eq!(
            titles("業者番号,商号又は名称,委任先,,", ",,名称,住所,電話番号", Some(2..4)).as_deref(),
            Some("業者番号,商号又は名称,委任先名称,委任先住所,電話番号")
        );
    }

    #[test]
    fn a_caption_a_blank_row_and_a_company_are_no_second_row() {
        for (above, row) in [
            ("令和8年度 有資格業者名簿,,,", "業者番号,商号又は名称,住所,電話番号"),
            ("業者番号,商号又は名称,住所", ",,"),
            ("業者番号,商号又は名称,住所,", "990000001,（株）テスト商会０１,青森市,"),
            ("業者番号,商号又は名称,住所,備考", "990000001,（株）テスト商会０１,,"),
        ] {
            assert_eq!(titles(above, row, None), None, "{row}");
        }
    }
}
