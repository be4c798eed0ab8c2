//! Notices, links, 更新情報, where to get the programs, the foot of the pages.

use touroku_proto::agency::AgencyProfile;

use super::finding::{Finding, at};
use crate::agency::layers::Step;

pub(super) fn check(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    let (install, footer) = (&profile.install, &profile.footer);
    for (place, url) in [
        (["install", "extension_url"], &install.extension_url),
        (["install", "host_url"], &install.host_url),
        (["install", "guide_url"], &install.guide_url),
        (["footer", "manual_url"], &footer.manual_url),
        (["footer", "accessibility_url"], &footer.accessibility_url),
        (["footer", "privacy_url"], &footer.privacy_url),
    ] {
        if !url.is_empty() && !is_web_address(url) {
            found.push((at(&place), NOT_WEB.to_owned()));
        }
    }
    let of = |list: &str, index, key: &str| {
        vec![Step::Key(list.into()), Step::Index(index), Step::Key(key.into())]
    };
    for (index, _) in profile.notices.iter().enumerate().filter(|(_, notice)| notice.trim().is_empty()) {
        found
            .push((vec![Step::Key("notices".into()), Step::Index(index)], "お知らせの文が空です".to_owned()));
    }
    for (index, link) in profile.links.iter().enumerate() {
        if link.label.trim().is_empty() {
            found.push((of("links", index, "label"), "リンクの名前が空です".to_owned()));
        }
        if !is_web_address(&link.url) {
            found.push((of("links", index, "url"), NOT_WEB.to_owned()));
        }
    }
    for (index, news) in profile.news.iter().enumerate() {
        if !is_day(&news.date) {
            found.push((of("news", index, "date"), "日付は2026-11-29のように書きます".to_owned()));
        }
        if news.text.trim().is_empty() {
            found.push((of("news", index, "text"), "更新情報の文が空です".to_owned()));
        }
    }
}

const NOT_WEB: &str = "URLはhttps://かhttp://で始めます";

/// A day that the calendar has, as `2026-11-29`.
fn is_day(text: &str) -> bool {
    touroku_japanese::date::day(text).as_deref() == Some(text)
}

pub(crate) fn is_web_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
