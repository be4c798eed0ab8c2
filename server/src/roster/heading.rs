//! Headings of two rows: 「委任先」 over 「名称」 and 「住所」.

use std::{collections::HashSet, ops::Range};

use super::columns::FITS;
use crate::error::Error;

/// Whatever stands below these is not the company's own, not even where nothing else names it.
const OTHERS: [&str; 10] =
    ["委任", "受任", "代理", "担当", "窓口", "支店", "支社", "従たる", "契約", "行政書士"];

/// A row's titles with those of the row above, and their rating, if both belong together.
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
    let plain: Vec<String> =
        (0..width).map(|index| own(index).or(above.get(index)).cloned().unwrap_or_default()).collect();
    let name_of = |group: &Range<usize>| above.get(group.start).map_or("", String::as_str);
    let under = |group: &Range<usize>, titles: &[String]| {
        let mut titles = titles.to_vec();
        for (index, title) in titles.iter_mut().enumerate() {
            // One that is merged downwards as well stands there already.
            if group.contains(&index) && own(index).is_some_and(|own| own != name_of(group)) {
                title.insert_str(0, name_of(group));
            }
        }
        titles
    };
    let (others, groups): (Vec<_>, Vec<_>) = groups(above, merged, width)
        .into_iter()
        .partition(|group| OTHERS.iter().any(|other| name_of(group).contains(other)));
    let mut titles = others.iter().fold(plain.clone(), |titles, group| under(group, &titles));
    let mut rating = rate(&titles)?;
    // First those whose names say more. Of the rest that have the same titles the leftmost keeps them: the company's own
    // stand first, and 「本店」 over 「住所」 says no more than 「住所」.
    for least in [1, 0] {
        for group in groups.iter().rev() {
            let tried = under(group, &titles);
            let rated = rate(&tried)?;
            if rated >= rating + least {
                (titles, rating) = (tried, rated);
            }
        }
    }
    let (upper, lower) = (rate(above)?, rate(row)?);
    let is_joined = titles != plain;
    // Titles that go down over both rows, or the same ones below several names: no caption stands over them.
    let is_shared = (0..width).any(|index| own(index).is_some() && own(index) == above.get(index));
    let is_told_apart = rating >= lower && distinct(&titles) > distinct(row);
    let says_more = rating > lower && (rating > upper || is_joined && rating == upper);
    let belongs = is_joined && rating >= FITS && rating >= upper && (is_shared || is_told_apart);
    Ok((says_more || belongs).then_some((rating, titles)))
}

fn distinct(titles: &[String]) -> usize {
    titles.iter().filter(|title| !title.is_empty()).collect::<HashSet<_>>().len()
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

    /// As in a file whose titles are merged downwards: they stand in both rows.
    fn filled(above: &str, row: &str) -> String {
        let cells = above.split(',').zip(row.split(','));
        cells.map(|(above, own)| if own.is_empty() { above } else { own }).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn the_companys_own_titles_stay_whatever_stands_beside_them() {
        for (above, row, wanted) in [
            (
                "業者番号,本店,,委任先,",
                ",商号又は名称,住所,名称,住所",
                "業者番号,商号又は名称,住所,委任先名称,委任先住所",
            ),
            (
                "業者番号,申請者,,支店,",
                ",商号又は名称,住所,名称,住所",
                "業者番号,商号又は名称,住所,支店名称,支店住所",
            ),
            (
                "業者番号,主たる事務所,,その他の事務所,",
                ",商号又は名称,住所,商号又は名称,住所",
                "業者番号,商号又は名称,住所,その他の事務所商号又は名称,その他の事務所住所",
            ),
            (
                "業者番号,商号又は名称,支店,,本店,",
                ",,住所,電話番号,住所,電話番号",
                "業者番号,商号又は名称,支店住所,支店電話番号,住所,電話番号",
            ),
            (
                "業者番号,商号又は名称,本店,,委任先,",
                ",,住所,電話番号,住所,電話番号",
                "業者番号,商号又は名称,住所,電話番号,委任先住所,委任先電話番号",
            ),
            (
                "業者番号,商号又は名称,電子入札,,入札情報公開,",
                ",,ユーザID,パスワード,ユーザID,パスワード",
                "業者番号,商号又は名称,ユーザID,パスワード,入札情報公開ユーザID,入札情報公開パスワード",
            ),
        ] {
            assert_eq!(titles(above, row, None).as_deref(), Some(wanted));
            assert_eq!(titles(above, &filled(above, row), None).as_deref(), Some(wanted), "filled");
        }
        // A row above that names only these.
        assert_eq!(
            titles(",,本店,,支店,", "業者番号,商号又は名称,住所,電話番号,住所,電話番号", None).as_deref(),
            Some("業者番号,商号又は名称,住所,電話番号,支店住所,支店電話番号")
        );
    }

    #[test]
    fn what_belongs_to_somebody_else_is_never_the_companys() {
        for (above, row, wanted) in [
            (
                "業者番号,商号又は名称,住所,代表者,,担当者,",
                ",,,役職,氏名,氏名,電話番号",
                "業者番号,商号又は名称,住所,代表者役職,代表者氏名,担当者氏名,担当者電話番号",
            ),
            (
                "業者番号,商号又は名称,住所,担当者,",
                ",,,氏名,電話番号",
                "業者番号,商号又は名称,住所,担当者氏名,担当者電話番号",
            ),
            // What says nothing of whom stays out.
            (
                "業者番号,商号又は名称,所在地,,連絡先,",
                ",,郵便番号,住所,電話番号,FAX番号",
                "業者番号,商号又は名称,郵便番号,住所,電話番号,FAX番号",
            ),
        ] {
            assert_eq!(titles(above, row, None).as_deref(), Some(wanted));
            let merged = titles(above, &filled(above, row), None);
            assert_eq!(merged.unwrap_or_else(|| filled(above, row)), wanted, "filled");
        }
    }

    #[test]
    fn a_caption_a_blank_row_and_a_company_are_no_second_row() {
        for (above, row) in [
            ("令和8年度 有資格業者名簿,,,", "業者番号,商号又は名称,住所,電話番号"),
            ("業者番号,商号又は名称,住所", ",,"),
            ("業者番号,商号又は名称,住所,", "990000001,（株）テスト商会０１,青森市,"),
            ("業者番号,商号又は名称,住所,備考", "990000001,（株）テスト商会０１,,"),
            ("業者番号,商号又は名称,住所,", "990000001,（株）テスト商会０１,青森市,住所"),
            ("業者番号,商号又は名称,支店,", "990000001,（株）テスト商会０１,弘前支店,弘前市"),
            ("支店の名簿,,,令和8年", "業者番号,商号又は名称,住所,電話番号"),
        ] {
            assert_eq!(titles(above, row, None), None, "{row}");
        }
    }
}
