//! Profiles edited while the server runs.

use std::sync::Arc;

use touroku_server::{app::Live, http::router, reload::reload};

use crate::support::client::{Client, TestServer, form};

struct Edited {
    server: TestServer,
    live: Live,
    client: Client,
}

impl Edited {
    fn start() -> Self {
        let server = TestServer::start();
        let live = Live::from(Arc::clone(&server.app));
        let client = Client { router: router(live.clone()), ..server.client() };
        Self { server, live, client }
    }

    /// Replaces text in the profile and reads it again.
    fn edit(&self, find: &str, replace: &str) -> bool {
        let folder = self.server.folder.path().join("agencies");
        let path = folder.join("aomori.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(find), "{find}");
        std::fs::write(&path, text.replace(find, replace)).unwrap();
        reload(&self.live, &folder, None)
    }

    async fn name(&mut self) -> String {
        self.client.get("/api/agencies/aomori").await.json()["name"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_sound_edit_counts_from_the_next_request_on_and_a_wrong_one_changes_nothing() {
    let mut edited = Edited::start();
    assert!(edited.edit("name = \"青森市\"", "name = \"青い森市\""));
    assert_eq!(edited.name().await, "青い森市");
    assert!(!edited.edit("name = \"青い森市\"", "nam = \"赤い森市\""));
    assert_eq!(edited.name().await, "青い森市");
    assert!(!edited.edit("[search]", "[search"), "cut off in the middle");
    assert_eq!(edited.name().await, "青い森市");
    std::fs::remove_file(edited.server.folder.path().join("agencies/aomori.toml")).unwrap();
    assert!(!reload(&edited.live, &edited.server.folder.path().join("agencies"), None));
    assert_eq!(edited.name().await, "青い森市");
}

#[tokio::test]
async fn a_session_under_way_goes_on_with_the_new_profile() {
    let mut edited = Edited::start();
    let card = edited.server.card(7);
    edited.client.reach_form(&card).await;
    assert!(edited.edit("subject = \"【{agency}", "subject = \"新【{agency}"));
    assert_eq!(edited.client.register("s-1", form()).await.code(), "");
    let mails = edited.live.now().store.read(|reader| reader.due_mails(i64::MAX, 9)).await.unwrap();
    assert!(mails.len() == 2 && mails[0].mail.subject.starts_with("新【"), "{mails:?}");

    // Its category is gone: a refusal that says so, and nothing breaks.
    assert!(edited.edit("code = \"goods\"", "code = \"others\""));
    assert_eq!(edited.client.get("/api/session").await.code(), "category_unknown");
    assert!(edited.edit("code = \"others\"", "code = \"goods\""));
    assert_eq!(edited.client.get("/api/session").await.code(), "");
}

#[tokio::test]
async fn what_a_certification_authoritys_file_asks_of_cards_counts_from_the_next_login_on() {
    let edited = Edited::start();
    let folder = edited.server.folder.path().join("agencies");
    std::fs::create_dir(folder.join("ca")).unwrap();
    let write = |text: &str| {
        std::fs::write(folder.join("ca/test.toml"), text).unwrap();
        reload(&edited.live, &folder, None)
    };
    let login = async || {
        let mut client = edited.client.clone();
        client.begin().await;
        client.login(&edited.server.card(7), "check").await.code()
    };
    let demanding = "name = \"試験認証局\"\nissuer = [\"CN=Root CA\"]\nrequire_policies = [\"1.2.3.4\"]\n";
    assert_eq!(login().await, "");
    assert!(write(demanding));
    assert_eq!(login().await, "certificate_policy");
    for broken in [
        &demanding.replace("1.2.3.4", "1.2.x"),
        &demanding.replace("require_policies", "require_policy"),
        &demanding.replace("\"]\nr", "\"\nr"),
    ] {
        assert!(!write(broken), "{broken}");
        assert_eq!(login().await, "certificate_policy", "the former stays: {broken}");
    }
    assert!(!edited.live.now().agencies.authority_views().is_empty());
    assert!(write(&demanding.replace("CN=Root CA", "CN=Another CA")));
    assert_eq!(login().await, "");
    assert!(write(demanding));
    std::fs::remove_file(folder.join("ca/test.toml")).unwrap();
    assert!(reload(&edited.live, &folder, None));
    assert_eq!(login().await, "");
}
