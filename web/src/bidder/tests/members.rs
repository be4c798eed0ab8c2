use touroku_proto::api::JointPortal;

use super::*;
use crate::bidder::members::MembersAction;

fn joint(members: &[(&str, &str, &str)]) -> JointPortal {
    let members = members.iter().map(|(code, name, kana)| json!({"code": code, "name": name, "kana": kana}));
    serde_json::from_value(
        json!({"name": "県の共同利用", "notices": [], "members": members.collect::<Vec<_>>()}),
    )
    .unwrap()
}

fn sample() -> JointPortal {
    joint(&[
        ("umine", "海音市", "うみねし"),
        ("kirimi", "霧見市", "きりみし"),
        ("gaken", "岳見町", "がけんちょう"),
        ("yama", "山辺村", "やまべむら"),
    ])
}

fn at_portal() -> Page {
    let mut page = Page::open(Route::Categories { agency: "ken".into() }, None);
    page.act(Action::Members(MembersAction::Read { code: "ken".into(), answer: Ok(sample()) }));
    page
}

fn shown(page: &Page) -> Vec<&str> {
    let portal = page.state.joint_here().unwrap();
    let found = page.state.sought_members.in_portal(portal);
    found.shown.into_iter().map(|member| member.code.as_str()).collect()
}

#[test]
fn the_address_of_a_portal_leads_to_its_members_and_theirs_back_to_it() {
    let mut page = Page::open(Route::Categories { agency: "ken".into() }, None);
    assert!(
        page.effects.iter().any(|effect| matches!(effect, Effect::Ask(Ask::Members(code)) if code == "ken"))
    );
    assert_eq!(page.state.route, None, "nothing is shown before the list is there");
    page.act(Action::Members(MembersAction::Read { code: "ken".into(), answer: Ok(sample()) }));
    assert_eq!(shown(&page), ["umine", "kirimi", "gaken", "yama"]);
    assert!(!page.effects.iter().any(|effect| matches!(effect, Effect::Ask(_))), "a portal has no hours");
    page.act(Action::Follow(Route::Categories { agency: "city".into() }));
    let mut member = AgencyProfile::clone(&profile());
    member.portal = Some(serde_json::from_value(json!({"code": "ken", "name": "県の共同利用"})).unwrap());
    page.act(Action::ProfileLoaded { code: "city".into(), answer: Ok(Rc::new(member)) });
    assert!(page.state.joint_here().is_none());
    page.act(Action::Back);
    assert_eq!(page.state.route, Some(Route::Categories { agency: "ken".into() }));
    page.act(Action::Back);
    assert_eq!(page.state.route, Some(Route::Agencies));
}

#[test]
fn members_are_found_by_row_and_by_name_or_reading_in_any_kana() {
    let mut page = at_portal();
    for (row, codes) in
        [(Some("か"), vec!["kirimi", "gaken"]), (Some("や"), vec!["yama"]), (Some("ら"), vec![])]
    {
        page.act(Action::Members(MembersAction::Row(row)));
        assert_eq!(shown(&page), codes, "{row:?}");
    }
    for (typed, codes) in [
        ("霧", vec!["kirimi"]),
        ("きり", vec!["kirimi"]),
        ("キリ　ミ", vec!["kirimi"]),
        ("ｶﾞｹﾝ", vec!["gaken"]),
        ("し", vec!["umine", "kirimi"]),
        ("どこにもない", vec![]),
        ("", vec!["umine", "kirimi", "gaken", "yama"]),
    ] {
        page.act(Action::Members(MembersAction::Typed(typed.into())));
        assert_eq!(shown(&page), codes, "{typed}");
    }
}

#[test]
fn of_1800_members_no_more_are_drawn_than_anybody_reads() {
    let codes: Vec<String> = (0..1800).map(|number| format!("m{number}")).collect();
    let members: Vec<_> = codes.iter().map(|code| (code.as_str(), "市", "し")).collect();
    let mut page = Page::open(Route::Categories { agency: "ken".into() }, None);
    page.act(Action::Members(MembersAction::Read { code: "ken".into(), answer: Ok(joint(&members)) }));
    let found = page.state.sought_members.in_portal(page.state.joint_here().unwrap());
    assert_eq!((found.shown.len(), found.more), (200, 1600));
}
