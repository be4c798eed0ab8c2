//! 機関設定.

use std::{path::PathBuf, sync::Arc};

use serde_json::{Value, json};
use touroku_proto::officer::Role;
use touroku_server::{app::Live, officer::version, reload::reload};

use crate::support::{
    client::TestServer,
    officer::{Authenticator, Officer, PASSWORD, mailed_link, token_of},
};

const PROFILE: &str = "/api/officer/profile";

struct Desk {
    server: TestServer,
    manager: Officer,
}

impl Desk {
    async fn open() -> Self {
        let server = TestServer::start();
        let manager = Officer::new(&server, "aomori", Role::Manage).await;
        Self { server, manager }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.server.folder.path().join("agencies").join(name)
    }

    fn on_disk(&self) -> String {
        std::fs::read_to_string(self.file("aomori.toml")).unwrap()
    }

    /// A new text with something replaced, made from the one in effect.
    async fn edited(&mut self, find: &str, replace: &str) -> Value {
        let now = self.manager.get(PROFILE).await.json();
        let text = now["text"].as_str().unwrap();
        assert!(text.contains(find), "{find}");
        json!({"text": text.replacen(find, replace, 1), "base": now["hash"]})
    }
}

#[tokio::test]
async fn a_sound_profile_is_in_force_from_the_next_request_on_and_the_former_one_is_kept() {
    let mut desk = Desk::open().await;
    let former = desk.on_disk();
    let new = desk.edited("name = \"青森市\"", "name = \"青い森市\"").await;
    let checked = desk.manager.post(&format!("{PROFILE}/check"), new.clone()).await.json();
    assert_eq!((&checked["mistakes"], &checked["profile"]["name"]), (&json!([]), &json!("青い森市")));
    assert_eq!(desk.on_disk(), former, "a check writes nothing");

    let taken = desk.manager.put(PROFILE, new.clone()).await;
    assert_eq!((taken.code().as_str(), &taken.json()["profile"]["name"]), ("", &json!("青い森市")));
    assert_eq!(taken.json()["writable"], true);
    assert_eq!(desk.manager.get("/api/agencies/aomori").await.json()["name"], "青い森市");
    assert_eq!(desk.manager.get("/api/officer/session").await.json()["agency_name"], "青い森市");
    assert_eq!(desk.on_disk(), new["text"].as_str().unwrap());
    assert_eq!(std::fs::read_to_string(desk.file("aomori.toml.bak")).unwrap(), former);
    let mut names: Vec<String> = std::fs::read_dir(desk.file(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["aomori.toml", "aomori.toml.bak", "holidays.csv"]);

    let entries = desk.manager.get("/api/officer/audit").await.json()["entries"].clone();
    let changed = entries.as_array().unwrap().iter().find(|entry| entry["action"] == "profile_changed");
    let detail: Value = serde_json::from_str(changed.unwrap()["detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail["profile"]["sha256"], taken.json()["hash"]);
    let difference = json!([{"key": "name", "sensitive": false, "before": "青森市", "after": "青い森市"}]);
    assert_eq!(detail["profile"]["changes"], difference);
    let server = desk.server.restart();
    assert_eq!(server.client().get("/api/agencies/aomori").await.json()["name"], "青い森市");
}

#[tokio::test]
async fn every_version_is_kept_with_who_and_when_and_can_be_brought_back() {
    let mut desk = Desk::open().await;
    let former = desk.on_disk();
    assert_eq!(desk.manager.get(PROFILE).await.json()["versions"], json!([]));
    let new = desk.edited("name = \"青森市\"", "name = \"青い森市\"").await;
    let checked = desk.manager.post(&format!("{PROFILE}/check"), new.clone()).await.json();
    let change = json!([{"key": "name", "sensitive": false, "before": "青森市", "after": "青い森市"}]);
    assert_eq!(checked["changes"], change);
    let taken = desk.manager.put(PROFILE, new).await.json();
    let versions = taken["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2, "the file's own is the first: {versions:#?}");
    assert_eq!((&versions[0]["changes"], &versions[1]["officer"]), (&change, &json!("")));
    assert_ne!(versions[0]["officer"], "");

    let path = format!("{PROFILE}/versions/{}", versions[1]["id"]);
    let text = desk.manager.get(&path).await.json()["text"].clone();
    assert_eq!(text, former.as_str());
    let back = json!({"text": text, "base": taken["hash"]});
    let taken = desk.manager.put(PROFILE, back).await.json();
    assert_eq!((desk.on_disk(), taken["versions"].as_array().unwrap().len()), (former, 3));
    assert_eq!(desk.manager.get(&format!("{PROFILE}/versions/99")).await.code(), "not_found");
}

#[tokio::test]
async fn texts_that_were_written_beside_the_server_are_versions_too() {
    let mut desk = Desk::open().await;
    let live = Live::from(Arc::clone(&desk.server.app));
    let folder = desk.file("");
    version::keep_files(&live.now()).await.unwrap();
    let first = desk.on_disk();
    for name in ["一の市", "二の市"] {
        let text = first.replacen("name = \"青森市\"", &format!("name = \"{name}\""), 1);
        std::fs::write(desk.file("aomori.toml"), text).unwrap();
        assert!(reload(&live, &folder, None));
        version::keep_files(&live.now()).await.unwrap();
    }
    version::keep_files(&live.now()).await.unwrap();
    let versions = desk.manager.get(PROFILE).await.json()["versions"].clone();
    let of = |version: &Value| (version["officer"].clone(), version["changes"][0]["after"].clone());
    let found: Vec<_> = versions.as_array().unwrap().iter().map(of).collect();
    assert_eq!(found, [(json!(""), json!("二の市")), (json!(""), json!("一の市")), (json!(""), Value::Null)]);
}

#[tokio::test]
async fn versions_older_than_those_that_are_shown_are_reached() {
    let mut desk = Desk::open().await;
    for number in 0..33 {
        let now = desk.manager.get(PROFILE).await.json();
        let text = format!("{}\n# {number}", now["text"].as_str().unwrap());
        let new = json!({"text": text, "base": now["hash"]});
        assert_eq!(desk.manager.put(PROFILE, new).await.code(), "");
    }
    let shown = desk.manager.get(PROFILE).await.json();
    assert_eq!(shown["versions"].as_array().unwrap().len(), 30);
    let path = format!("{PROFILE}/versions?before={}", shown["earlier"]);
    let earlier = desk.manager.get(&path).await.json();
    assert_eq!((earlier["versions"].as_array().unwrap().len(), &earlier["next"]), (4, &Value::Null));
    assert_eq!(earlier["versions"][3]["officer"], "", "the file's own is the first");
}

#[tokio::test]
async fn what_is_wrong_is_named_by_line_and_column_and_nothing_is_taken() {
    let mut desk = Desk::open().await;
    let former = desk.on_disk();
    for (find, replace, part) in [
        ("name = \"青森市\"", "nam = \"青森市\"", "nam"),
        ("code = \"aomori\"", "code = \"hirosaki\"", "「aomori」から変えられません"),
        ("[search]", "[search", ""),
    ] {
        let new = desk.edited(find, replace).await;
        let checked = desk.manager.post(&format!("{PROFILE}/check"), new.clone()).await.json();
        assert_eq!(checked["profile"], Value::Null);
        let mistakes = checked["mistakes"].as_array().unwrap();
        let line = former.lines().position(|line| line == find.lines().next().unwrap()).unwrap() + 1;
        let names =
            |mistake: &Value| mistake["line"] == line && mistake["message"].as_str().unwrap().contains(part);
        assert!(mistakes.iter().any(names), "{checked}");
        assert_eq!(desk.manager.put(PROFILE, new).await.code(), "profile_invalid");
    }
    assert_eq!(desk.on_disk(), former);
    assert!(!desk.file("aomori.toml.bak").exists());
}

#[tokio::test]
async fn a_change_that_nobody_saw_is_not_overwritten() {
    let mut desk = Desk::open().await;
    let one = desk.edited("name = \"青森市\"", "name = \"一の市\"").await;
    let other = desk.edited("name = \"青森市\"", "name = \"二の市\"").await;
    let (mut here, mut there) = (desk.manager.client.clone(), desk.manager.client.clone());
    let (one, other) = tokio::join!(here.send("PUT", PROFILE, one), there.send("PUT", PROFILE, other));
    let mut codes = [one.code(), other.code()];
    codes.sort();
    assert_eq!(codes, ["", "stale"]);

    // Or by hand, on the server.
    let new = desk.edited("[search]", "# a note\n[search]").await;
    std::fs::write(desk.file("aomori.toml"), desk.on_disk() + "\n# by hand\n").unwrap();
    assert_eq!(desk.manager.put(PROFILE, new).await.code(), "stale");
    assert!(desk.on_disk().ends_with("# by hand\n"));
}

#[tokio::test]
async fn a_profile_that_clashes_with_another_agencys_is_refused_without_naming_folders() {
    let mut desk = Desk::open().await;
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../agencies/shimonoseki.toml");
    let theirs = std::fs::read_to_string(source).unwrap();
    std::fs::write(desk.file("a-first.toml"), &theirs).unwrap();
    let mut new = desk.edited("[search]", "[search]").await;
    new["text"] = json!(theirs);
    let checked = desk.manager.post(&format!("{PROFILE}/check"), new).await.json();
    assert!(checked["mistakes"].as_array().unwrap().len() >= 2, "{checked}");
    assert!(checked.to_string().contains("a-first.toml"), "{checked}");
    assert!(!checked.to_string().contains(desk.server.folder.path().to_str().unwrap()), "{checked}");
}

#[tokio::test]
async fn what_can_not_be_written_or_taken_leaves_everything_as_it_was() {
    let mut desk = Desk::open().await;
    let former = desk.on_disk();
    let new = desk.edited("name = \"青森市\"", "name = \"青い森市\"").await;

    std::fs::create_dir(desk.file("aomori.toml.bak.new")).unwrap();
    assert_eq!(desk.manager.put(PROFILE, new.clone()).await.code(), "wrong_state");
    std::fs::remove_dir(desk.file("aomori.toml.bak.new")).unwrap();

    // Another agency's file is broken: nothing can be read again until somebody fixes it.
    std::fs::write(desk.file("other.toml"), "code = ").unwrap();
    assert_eq!(desk.manager.put(PROFILE, new.clone()).await.code(), "wrong_state");
    assert_eq!(desk.on_disk(), former);
    assert_eq!(desk.manager.get("/api/agencies/aomori").await.json()["name"], "青森市");
    std::fs::remove_file(desk.file("other.toml")).unwrap();
    assert_eq!(desk.manager.put(PROFILE, new).await.code(), "");
}

#[tokio::test]
async fn a_text_beyond_the_limit_is_refused() {
    let mut desk = Desk::open().await;
    let text = desk.on_disk();
    for (size, code) in
        [(256 * 1024, ""), (256 * 1024 + 1, "payload_too_large"), (600 * 1024, "payload_too_large")]
    {
        let mut new = desk.edited("[search]", "[search]").await;
        new["text"] = json!(format!("{text}\n#{}", "x".repeat(size - text.len() - 2)));
        assert_eq!(desk.manager.post(&format!("{PROFILE}/check"), new.clone()).await.code(), code, "{size}");
        assert_eq!(desk.manager.put(PROFILE, new).await.code(), code, "{size}");
    }
}

const PROPOSAL: &str = "/api/officer/profile/proposal";

/// What turns 審査 off.
async fn review_off(desk: &mut Desk) -> Value {
    desk.edited("code = \"goods\"", "code = \"goods\"\nreview = false").await
}

fn is_in_force(desk: &Desk) -> bool {
    desk.on_disk().contains("review = false")
}

#[tokio::test]
async fn no_administrator_turns_the_review_off_alone_where_there_is_another() {
    let mut desk = Desk::open().await;
    let mut other = Officer::new(&desk.server, "aomori", Role::Manage).await;
    let mut viewer = Officer::new(&desk.server, "aomori", Role::View).await;
    let new = review_off(&mut desk).await;
    let proposed = desk.manager.put(PROFILE, new).await.json();
    assert!(!is_in_force(&desk));
    let proposal = &proposed["proposal"];
    assert_eq!(proposal["changes"][0]["key"], "categories[goods].review");
    assert_eq!(proposal["confirm"], "another");
    let confirm = json!({"hash": proposal["hash"]});
    assert_eq!(desk.manager.post(PROPOSAL, confirm.clone()).await.code(), "same_officer");
    desk.server.wait(30 * 86_400_000);
    assert_eq!(desk.manager.log_in(&desk.server).await.code(), "");
    assert_eq!(desk.manager.post(PROPOSAL, confirm.clone()).await.code(), "same_officer", "however late");

    let told = desk.server.take_mails().await;
    for officer in [&desk.manager, &other, &viewer] {
        let address = format!("{}@officers.example.jp", officer.login_id);
        let mail = told.iter().find(|(to, ..)| *to == address).unwrap_or_else(|| panic!("{address}"));
        assert!(mail.2.contains("categories[goods].review"), "{}", mail.2);
    }
    assert_eq!(viewer.log_in(&desk.server).await.code(), "");
    assert_eq!(viewer.get(PROFILE).await.json()["proposal"]["confirm"], "another");
    assert_eq!(other.log_in(&desk.server).await.code(), "");
    assert_eq!(other.post(PROPOSAL, json!({"hash": "0"})).await.code(), "stale");
    let confirmed = other.post(PROPOSAL, confirm).await;
    assert_eq!((confirmed.code().as_str(), &confirmed.json()["proposal"]), ("", &Value::Null));
    assert!(is_in_force(&desk));

    let actions: Vec<String> = desk
        .server
        .audit("aomori")
        .into_iter()
        .map(|(actor, action, _)| format!("{actor} {action}"))
        .collect();
    assert!(actions.contains(&format!("{} profile_proposed", desk.manager.login_id)), "{actions:?}");
    assert!(actions.contains(&format!("{} profile_changed", other.login_id)), "{actions:?}");
}

#[tokio::test]
async fn who_makes_another_administrator_or_stops_them_is_not_two_nor_the_only_one() {
    let mut desk = Desk::open().await;
    let other = Officer::new(&desk.server, "aomori", Role::Manage).await;
    let officers = "/api/officer/officers";
    let stop = json!({"name": "試験職員", "role": "manage", "stopped": true});
    assert_eq!(desk.manager.put(&format!("{officers}/{}", other.login_id), stop).await.code(), "");
    let email = "puppet@officers.example.jp";
    let new = json!({"login_id": "puppet", "name": "職員", "role": "manage", "email": email});
    assert_eq!(desk.manager.post(officers, new).await.code(), "");
    let link = mailed_link(&desk.server, email).await;
    let mut puppet = desk.server.client();
    let setup = puppet.post("/api/officer/setup/begin", json!({"token": token_of(&link)})).await;
    let code = Authenticator::of(&setup).code(&desk.server);
    let finish = json!({"token": token_of(&link), "password": PASSWORD, "code": code});
    assert_eq!(puppet.post("/api/officer/setup", finish).await.code(), "");

    let new = review_off(&mut desk).await;
    let hash = desk.manager.put(PROFILE, new).await.json()["proposal"]["hash"].clone();
    let confirm = json!({"hash": hash});
    assert_eq!(puppet.post(PROPOSAL, confirm.clone()).await.code(), "approver_dependent");
    assert_eq!(desk.manager.post(PROPOSAL, confirm).await.code(), "same_officer");
    assert!(!is_in_force(&desk));
}

#[tokio::test]
async fn the_only_administrator_waits_a_day_after_all_were_told() {
    let mut desk = Desk::open().await;
    let new = review_off(&mut desk).await;
    let proposal = desk.manager.put(PROFILE, new).await.json()["proposal"].clone();
    assert!(proposal["confirm"]["from"].is_i64(), "{proposal}");
    let confirm = json!({"hash": proposal["hash"]});
    assert_eq!(desk.manager.post(PROPOSAL, confirm.clone()).await.code(), "wrong_state");
    desk.server.wait(86_400_000);
    assert_eq!(desk.manager.log_in(&desk.server).await.code(), "");
    assert_eq!(desk.manager.post(PROPOSAL, confirm).await.code(), "");
    assert!(is_in_force(&desk));
}

#[tokio::test]
async fn what_waits_can_be_given_up_and_goes_when_another_text_comes_into_force() {
    let mut desk = Desk::open().await;
    for way in ["given up", "overtaken"] {
        let new = review_off(&mut desk).await;
        assert!(desk.manager.put(PROFILE, new).await.json()["proposal"].is_object());
        if way == "given up" {
            assert_eq!(desk.manager.delete(PROPOSAL).await.json()["proposal"], Value::Null);
        } else {
            let other = desk.edited("name = \"青森市\"", "name = \"青い森市\"").await;
            assert_eq!(desk.manager.put(PROFILE, other).await.json()["proposal"], Value::Null);
        }
        assert_eq!(desk.manager.get(PROFILE).await.json()["proposal"], Value::Null, "{way}");
    }
}

#[tokio::test]
async fn what_the_server_does_not_permit_no_administrator_takes() {
    let mut desk = Desk::open().await;
    for (line, part) in [
        ("uncheckable = \"accept\"\n[search]", "allow_uncheckable_accept"),
        ("[cards]\nmy_number = true\n[search]", "allow_my_number"),
    ] {
        let mut new = desk.edited("[search]", line).await;
        if line.starts_with("uncheckable") {
            let text = desk.on_disk();
            new["text"] = json!(format!("uncheckable = \"accept\"\n{text}"));
        }
        let checked = desk.manager.post(&format!("{PROFILE}/check"), new.clone()).await.json();
        assert!(checked["mistakes"][0]["message"].as_str().unwrap().contains(part), "{checked}");
        assert_eq!(desk.manager.put(PROFILE, new).await.code(), "profile_invalid");
    }
}
