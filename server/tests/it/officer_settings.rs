//! 機関設定 as forms: keys changed one by one.

use serde_json::{Value, json};
use touroku_proto::officer::Role;

use crate::support::{client::TestServer, officer::Officer};

const PROFILE: &str = "/api/officer/profile";

struct Desk {
    server: TestServer,
    manager: Officer,
}

impl Desk {
    async fn open(agency: &str, server: TestServer) -> Self {
        let manager = Officer::new(&server, agency, Role::Manage).await;
        Self { server, manager }
    }

    fn on_disk(&self, name: &str) -> String {
        std::fs::read_to_string(self.server.folder.path().join("agencies").join(name)).unwrap()
    }

    async fn change(&mut self, set: Value, unset: Value) -> Value {
        let base = self.manager.get(PROFILE).await.json()["hash"].clone();
        let change = json!({"base": base, "set": set, "unset": unset});
        let changed = self.manager.post(&format!("{PROFILE}/keys"), change).await;
        assert_eq!(changed.code(), "");
        let mut changed = changed.json();
        changed["base"] = base;
        changed
    }

    async fn take(&mut self, changed: &Value) -> Value {
        let new = json!({"text": changed["text"], "base": changed["base"]});
        let taken = self.manager.put(PROFILE, new).await;
        assert_eq!(taken.code(), "");
        taken.json()
    }

    async fn key(&mut self, key: &str) -> Value {
        let forms = self.manager.get(PROFILE).await.json()["forms"].clone();
        forms.as_array().unwrap().iter().find(|found| found["key"] == key).unwrap().clone()
    }
}

#[tokio::test]
async fn a_changed_key_is_checked_compared_and_taken_like_a_text() {
    let mut desk = Desk::open("aomori", TestServer::start()).await;
    let former = desk.on_disk("aomori.toml");
    let set = json!({
        "hours.open": {"text": "08:30"},
        "hours.close": {"text": "20:00"},
        "hours.closed": {"days": ["12-29..01-03", "2026-11-30"]},
    });
    let changed = desk.change(set, json!([])).await;
    assert_eq!(changed["check"]["mistakes"], json!([]));
    assert_eq!(changed["check"]["changes"][0]["key"], "hours.close");
    assert_eq!(desk.on_disk("aomori.toml"), former, "a check writes nothing");
    let taken = desk.take(&changed).await;
    assert_eq!(taken["versions"][0]["changes"], changed["check"]["changes"]);
    let hours = "[hours]\nopen = \"08:30\"\nclose = \"20:00\"\nclosed = [\"12-29..01-03\", \"2026-11-30\"]\n";
    let rest = desk.on_disk("aomori.toml").replacen(hours, "", 1);
    assert!(rest.trim_end() == former.trim_end(), "{}", &rest[rest.len() - 200..]);
    let rule = desk.manager.get("/api/agencies/aomori").await.json()["hours_rule"].clone();
    assert_eq!(rule, "平日8時30分～20時（土日祝・12月29日～1月3日を除く）");
    assert!(taken["holidays"].as_array().unwrap().contains(&json!("2026-11-23")));

    let stale = json!({"base": "0", "set": {}});
    assert_eq!(desk.manager.post(&format!("{PROFILE}/keys"), stale).await.code(), "stale");
    let no_form = json!({"base": taken["hash"], "set": {"code": {"text": "x"}}});
    assert_eq!(desk.manager.post(&format!("{PROFILE}/keys"), no_form).await.code(), "bad_request");
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_field() {
    let mut desk = Desk::open("aomori", TestServer::start()).await;
    let set = json!({
        "hours.open": {"text": "8時"},
        "hours.weekdays": {"week": []},
        "links": {"links": [{"label": "", "url": "example.jp", "note": ""}]},
        "news": {"news": [{"date": "", "text": "x"}]},
        "notices": {"word_list": ["一", " "]},
        "reject_reasons": {"lines": [""]},
        "desks": {"desks": [{"kind": "agency", "name": "", "email": "x", "phone": "", "url": ""}]},
        "mail.registered.body": {"text": "{nothing}"},
        "mail.password_reset.body": {"text": "リンクなし"},
    });
    let changed = desk.change(set, json!([])).await;
    let mistakes = changed["check"]["mistakes"].as_array().unwrap();
    let mut keys: Vec<&str> = mistakes.iter().map(|mistake| mistake["key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "desks.0.email",
            "desks.0.name",
            "hours.close",
            "hours.open",
            "hours.weekdays",
            "links.0.label",
            "links.0.url",
            "mail.password_reset.body",
            "mail.registered.body",
            "news.0.date",
            "notices.1",
            "reject_reasons.0"
        ],
        "{mistakes:#?}"
    );
}

#[tokio::test]
async fn what_changes_who_hears_of_things_waits_for_another_administrator() {
    let mut desk = Desk::open("aomori", TestServer::start()).await;
    let mut desks = desk.key("desks").await["value"].clone();
    desks["desks"][0]["email"] = json!("else@example.jp");
    let changed = desk.change(json!({"desks": desks}), json!([])).await;
    let taken = desk.take(&changed).await;
    assert_eq!(taken["proposal"]["changes"][0]["key"], "desks[0].email");
}

#[tokio::test]
async fn a_portals_member_says_a_key_itself_and_gives_it_back() {
    let server = TestServer::start().with_portal("kagoshima", "umine");
    let mut desk = Desk::open("umine", server).await;
    let (former, file) = (desk.on_disk("kagoshima/umine.toml"), "kagoshima/umine.toml");
    let notices = desk.key("notices").await;
    assert_eq!((&notices["own"], &notices["shared"]), (&json!(false), &json!(true)));
    let changed = desk.change(json!({"notices": {"word_list": ["海音市から"]}}), json!([])).await;
    desk.take(&changed).await;
    let own = desk.key("notices").await;
    assert_eq!((&own["own"], &own["beneath"]), (&json!(true), &notices["value"]));
    assert_eq!(desk.manager.get("/api/agencies/umine").await.json()["notices"], json!(["海音市から"]));
    let changed = desk.change(json!({}), json!(["notices"])).await;
    desk.take(&changed).await;
    assert_eq!(desk.on_disk(file), former);
}
