//! 共同利用: what the members of a portal inherit, and how a portal is listed.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use touroku_proto::agency::AgencyProfile;
use touroku_server::agency::{Agencies, Error, check_files, check_replacement, origins};

use crate::support::client::TestServer;

/// A folder of profiles with one portal, which is the sample's.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::create_dir(folder.0.path().join("p")).unwrap();
        folder.write("portal.toml", include_str!("../../../agencies/kagoshima/portal.toml"));
        fs::write(folder.0.path().join("holidays.csv"), include_bytes!("../../../agencies/holidays.csv"))
            .unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("p").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Adds a member that is like the others except for `more`.
    fn member(&self, number: usize, more: &str) -> String {
        let text = format!(
            "code = \"m{number}\"\nprocurement_code = \"{number:04}\"\nname = \"{number}市\"\nkana = \"し\"\n{more}"
        );
        self.write(&format!("m{number}.toml"), &text);
        text
    }

    fn change_portal(&self, find: &str, replace: &str) {
        let text = fs::read_to_string(self.path("portal.toml")).unwrap();
        assert!(text.contains(find), "{find}");
        self.write("portal.toml", &text.replacen(find, replace, 1));
    }

    fn load(&self) -> Agencies {
        Agencies::load(self.0.path()).unwrap()
    }

    /// The mistakes, without the folder.
    fn mistakes(&self) -> Vec<String> {
        let (_, found) = check_files(&[self.0.path().to_owned()]).unwrap();
        let folder = format!("{}/", self.path("").display()).replace("//", "/");
        found.iter().map(|mistake| mistake.to_string().replace(&folder, "")).collect()
    }
}

#[test]
fn a_member_inherits_key_by_key_and_lists_as_a_whole() {
    let folder = Folder::new();
    folder.member(1, "");
    folder.member(2, "system_name = \"別の名前\"\nnotices = []\n[search]\nname_hint = \"別\"\n[hours]\nclose = \"17:00\"\n");
    let agencies = folder.load();
    let [one, other] = ["m1", "m2"].map(|code| AgencyProfile::clone(agencies.profile(code).unwrap()));
    assert_eq!((&*one.name, &*other.system_name), ("かごしま県市町村　1市", "別の名前"));
    assert_eq!((one.notices.len(), other.notices.len()), (2, 0));
    assert_eq!(&*other.search.name_hint, "別");
    let (hours, theirs) = (one.hours.unwrap(), other.hours.unwrap());
    assert_eq!((theirs.open, String::from(theirs.close)), (hours.open, "17:00".to_owned()));
    let like_one = touroku_proto::agency::Search { name_hint: one.search.name_hint.clone(), ..other.search };
    assert_eq!((like_one, other.forms), (one.search, one.forms));
}

#[test]
fn each_values_origin_is_the_member_the_portal_or_neither() {
    let folder = Folder::new();
    folder.member(1, "[search]\nname_hint = \"別\"\n");
    let all = origins(&folder.path("m1.toml")).unwrap();
    let of = |key: &str| {
        let origin = all.iter().find(|origin| origin.key == key).unwrap();
        origin.written.as_ref().map(|written| {
            (written.path.file_name().unwrap().to_str().unwrap().to_owned(), written.value.clone())
        })
    };
    assert_eq!(of("search.name_hint"), Some(("m1.toml".into(), "\"別\"".into())));
    assert_eq!(of("search.number_label"), Some(("portal.toml".into(), "\"登録番号\"".into())));
    assert_eq!(of("second_card"), None);
}

#[test]
fn a_mistake_of_the_portal_is_named_once_and_a_members_in_its_own_file() {
    let folder = Folder::new();
    folder.member(1, "");
    folder.member(2, "[hours]\nclose = \"08:00\"\n");
    assert_eq!(
        folder.mistakes(),
        ["m2.toml:6行9桁: 終わる時刻（08:00）は、始まる時刻（08:30）より後にしてください"]
    );
    folder.member(2, "");
    folder.change_portal("name_label = ", "nam_label = ");
    let found = folder.mistakes();
    // An unknown key and a missing one.
    assert!(found.len() == 2 && found.iter().all(|mistake| mistake.starts_with("portal.toml")), "{found:?}");
}

#[test]
fn what_is_shared_and_not_there_yet_is_refused_and_a_member_decides_nothing_of_it() {
    for (find, replace) in [
        ("roster = \"each\"", "roster = \"portal\""),
        ("roster = \"each\"", "roster = \"columns\""),
        ("registration = \"each\"", "registration = \"once\""),
        ("company_id = \"member\"", "company_id = \"portal\""),
    ] {
        let folder = Folder::new();
        folder.member(1, "");
        assert_eq!(folder.mistakes(), [""; 0]);
        folder.change_portal(find, replace);
        let found = folder.mistakes();
        assert!(found.len() == 1 && found[0].contains("まだ使えません"), "{replace}: {found:?}");
    }
    let folder = Folder::new();
    folder.member(1, "[shared]\nroster = \"each\"\n");
    assert!(folder.mistakes()[0].contains("m1.toml:5行1桁: [shared]は、"), "{:?}", folder.mistakes());
}

#[test]
fn no_agency_has_a_portals_code_and_no_member_lacks_its_reading() {
    let folder = Folder::new();
    let text = folder.member(1, "");
    folder.write("m1.toml", &text.replace("m1", "kagoshima"));
    folder.member(2, "");
    assert!(folder.mistakes()[0].contains("共同利用の符号"), "{:?}", folder.mistakes());
    folder.write("m1.toml", &text.replace("kana = \"し\"\n", ""));
    assert!(folder.mistakes()[0].contains("kana"), "{:?}", folder.mistakes());
    folder.write("m1.toml", &text.replace("\"し\"", "\"市\""));
    assert!(folder.mistakes()[0].contains("ひらがな"), "{:?}", folder.mistakes());
}

#[test]
fn an_officer_replaces_a_members_own_file_and_what_it_inherits_counts() {
    let folder = Folder::new();
    let text = folder.member(1, "");
    let check = |text: &str| check_replacement(folder.0.path(), &folder.path("m1.toml"), "m1", text).unwrap();
    assert_eq!(&*check(&text).unwrap().name, "かごしま県市町村　1市");
    let found = check(&format!("{text}[hours]\nopen = \"21:00\"\n")).unwrap_err();
    assert!(found[0].message.contains("終わる時刻"), "{found:?}");
    folder.member(2, "");
    let found = check(&text.replace("0001", "0002")).unwrap_err();
    assert!(found.len() == 1 && found[0].message.contains("企業ID"), "{found:?}");
}

#[test]
fn members_hold_together_what_they_inherit_unchanged() {
    let folder = Folder::new();
    for number in 1..=3 {
        folder.member(number, "");
    }
    let agencies = folder.load();
    let [one, other] = ["m1", "m3"].map(|code| agencies.profile(code).unwrap());
    assert!(Arc::ptr_eq(&one.forms, &other.forms) && Arc::ptr_eq(&one.mail, &other.mail));
}

#[test]
fn members_are_listed_in_the_order_of_their_readings() {
    let agencies = Agencies::load(Path::new("../agencies")).unwrap();
    let portal = agencies.portal("kagoshima").unwrap();
    let names: Vec<&str> = portal.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["海音市", "霧見市", "白砂町", "茶ノ森村", "南星市", "火の島町"]);
    assert!(matches!(agencies.portal("aomori"), Err(Error::UnknownPortal)));
}

#[tokio::test]
async fn pages_learn_of_portals_and_ask_for_members_when_they_want_them() {
    let mut client = TestServer::start().with_portal("kagoshima", "kirimi").client();
    let codes = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    };
    let portal = client.get("/api/portal").await.json();
    assert_eq!(
        (codes(&portal["agencies"]), codes(&portal["portals"])),
        (vec!["aomori".into()], vec!["kagoshima".into()])
    );
    let all = client.get("/api/portal?members=true").await.json();
    assert_eq!(codes(&all["agencies"]), ["aomori", "kirimi"]);
    for path in ["/api/portal", "/api/portal?members=true"] {
        let packed = client.raw("GET", path, &[("accept-encoding", "gzip")], "").await;
        assert_eq!((packed.header("content-encoding"), &packed.body[..2]), ("gzip", &b"\x1f\x8b"[..]));
        let known = client.raw("GET", path, &[("if-none-match", packed.header("etag"))], "").await;
        assert_eq!(known.status.as_u16(), 304, "{path}");
    }

    let members = client.get("/api/portals/kagoshima").await.json();
    assert_eq!(members["members"], json!([{"code": "kirimi", "name": "霧見市", "kana": "きりみし"}]));
    let profile = client.get("/api/agencies/kirimi").await.json();
    assert_eq!(profile["name"], "かごしま県市町村　霧見市");
    assert_eq!(profile["portal"], json!({"code": "kagoshima", "name": "かごしま県市町村"}));
    for (path, code) in [("/api/portals/aomori", "not_found"), ("/api/agencies/kagoshima", "agency_unknown")]
    {
        assert_eq!(client.get(path).await.code(), code, "{path}");
    }
}

#[test]
fn a_members_own_system_stands_beside_the_portals_and_takes_the_place_of_one_of_its_code_only() {
    let folder = Folder::new();
    let client = |code: &str, name: &str| {
        format!(
            "[[clients]]\ncode = \"{code}\"\nname = \"{name}\"\nscopes = [\"company\"]\n\
             redirect_uris = [\"https://{code}.example.jp/callback\"]\nsecret_sha256 = [\"{}\"]\n",
            "0".repeat(64)
        )
    };
    let portal = fs::read_to_string(folder.path("portal.toml")).unwrap();
    folder.write("portal.toml", &format!("{portal}\n{}", client("joint", "共同の入札")));
    folder.member(1, "");
    folder.member(2, &client("own", "2市の入札"));
    folder.member(3, &client("joint", "3市の入札"));
    assert_eq!(folder.mistakes(), [""; 0]);
    let agencies = folder.load();
    let of = |code: &str| -> Vec<(String, String)> {
        let clients = &agencies.profile(code).unwrap().clients;
        clients.iter().map(|client| (client.code.clone(), client.name.to_string())).collect()
    };
    let pair = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    assert_eq!(of("m1"), [pair("joint", "共同の入札")]);
    assert_eq!(of("m2"), [pair("own", "2市の入札"), pair("joint", "共同の入札")]);
    assert_eq!(of("m3"), [pair("joint", "3市の入札")]);
    let files: Vec<_> = origins(&folder.path("m2.toml"))
        .unwrap()
        .into_iter()
        .filter(|origin| origin.key == "clients")
        .map(|origin| origin.written.unwrap().path.file_name().unwrap().to_owned())
        .collect();
    assert_eq!(files, ["m2.toml", "portal.toml"]);

    // A mistake of the portal's is named there, even where all members have their own.
    fs::remove_file(folder.path("m1.toml")).unwrap();
    for (find, replace, told) in [
        ("name = \"共同の入札\"\n", "nmae = \"共同の入札\"\n", "nmae"),
        (
            "scopes = [\"company\"]\n",
            "scopes = [\"company\"]\ncategories = [\"nothing\"]\n",
            "区分「nothing」",
        ),
    ] {
        let sound = fs::read_to_string(folder.path("portal.toml")).unwrap();
        folder.change_portal(find, replace);
        let mistakes = folder.mistakes();
        let is_told = |mistake: &String| mistake.starts_with("portal.toml:") && mistake.contains(told);
        assert!(mistakes.iter().any(is_told), "{told}: {mistakes:?}");
        assert!(mistakes.iter().all(|mistake| mistake.starts_with("portal.toml:")), "{mistakes:?}");
        assert!(mistakes.iter().filter(|mistake| mistake.contains("名前")).count() <= 1, "{mistakes:?}");
        folder.write("portal.toml", &sound);
    }
}
