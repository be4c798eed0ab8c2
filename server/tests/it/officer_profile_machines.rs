//! 機関設定 at two servers that share a PostgreSQL and no folder.

use std::{fs, path::PathBuf, sync::Arc};

use serde_json::json;
use touroku_proto::officer::Role;
use touroku_server::{
    app::Live,
    http::router,
    officer::{elsewhere::take_others, version},
    reload::reload,
};

use crate::support::{client::TestServer, engine::is_sqlite, officer::Officer};

const PROFILE: &str = "/api/officer/profile";

/// One of the servers, with its own folder of profiles.
struct Machine {
    live: Live,
    folder: PathBuf,
    seen: i64,
}

impl Machine {
    fn text(&self) -> String {
        fs::read_to_string(self.folder.join("aomori.toml")).unwrap()
    }

    fn edit(&self, find: &str, replace: &str) {
        let text = self.text();
        assert!(text.contains(find), "{find}");
        fs::write(self.folder.join("aomori.toml"), text.replace(find, replace)).unwrap();
    }

    async fn hang_up(&self) {
        assert!(reload(&self.live, &self.folder, None));
        version::keep_files(&self.live.now()).await.unwrap();
    }

    async fn look(&mut self) -> usize {
        take_others(&self.live, &mut self.seen).await.unwrap()
    }

    fn name(&self) -> String {
        self.live.now().agencies.profile("aomori").unwrap().name.to_string()
    }
}

/// Two of them that have started. `None`: the tests run on SQLite.
async fn machines() -> Option<(TestServer, [Machine; 2])> {
    if is_sqlite() {
        return None;
    }
    let server = TestServer::start();
    let other = server.on_another_machine();
    let of = |app, folder: &str| Machine {
        live: Live::from(app),
        folder: server.folder.path().join(folder),
        seen: 0,
    };
    let mut both = [of(Arc::clone(&server.app), "agencies"), of(other, "another-machine/agencies")];
    for machine in &mut both {
        machine.look().await;
        version::keep_files(&machine.live.now()).await.unwrap();
        machine.look().await;
    }
    Some((server, both))
}

async fn save(
    officer: &mut Officer,
    at: &Machine,
    base: &serde_json::Value,
    find: &str,
    replace: &str,
) -> String {
    officer.client.router = router(at.live.clone());
    let text = base["text"].as_str().unwrap().replacen(find, replace, 1);
    officer.put(PROFILE, json!({"text": text, "base": base["hash"]})).await.code()
}

#[tokio::test]
async fn a_profile_saved_at_one_is_in_force_at_the_other_and_stays_so_when_that_starts_anew() {
    let Some((server, [one, mut two])) = machines().await else { return };
    let mut officer = Officer::new(&server, "aomori", Role::Manage).await;
    officer.client.router = router(one.live.clone());
    assert_eq!(officer.log_in(&server).await.code(), "");
    let base = officer.get(PROFILE).await.json();
    assert_eq!(save(&mut officer, &one, &base, "name = \"青森市\"", "name = \"青い森市\"").await, "");
    assert_eq!(two.name(), "青森市");
    let former = two.text();
    assert_eq!(two.look().await, 1);
    assert_eq!((two.name().as_str(), two.text()), ("青い森市", one.text()));
    assert_eq!(two.look().await, 0, "once");

    // A server that was off meanwhile has a file of before.
    fs::write(two.folder.join("aomori.toml"), former).unwrap();
    assert!(reload(&two.live, &two.folder, None));
    let mut started = Machine { seen: 0, ..two };
    version::keep_files(&started.live.now()).await.unwrap();
    assert_eq!(started.look().await, 1);
    assert_eq!(started.name(), "青い森市");
}

#[tokio::test]
async fn a_file_edited_at_one_counts_everywhere_from_its_sighup_on_and_is_never_overwritten_before() {
    let Some((_server, [mut one, mut two])) = machines().await else { return };
    two.edit("name = \"青森市\"", "name = \"青い森市\"");
    one.edit("name = \"青森市\"", "name = \"赤い森市\"");
    one.hang_up().await;
    assert_eq!(two.look().await, 0);
    assert!(two.text().contains("青い森市"), "what somebody edits is lost");
    two.hang_up().await;
    assert_eq!(one.look().await, 1);
    assert_eq!((one.name(), two.name()), ("青い森市".to_owned(), "青い森市".to_owned()));
}

#[tokio::test]
async fn of_two_officers_at_two_servers_the_second_is_told_that_it_is_stale() {
    let Some((server, [one, mut two])) = machines().await else { return };
    let mut officer = Officer::new(&server, "aomori", Role::Manage).await;
    officer.client.router = router(one.live.clone());
    assert_eq!(officer.log_in(&server).await.code(), "");
    let base = officer.get(PROFILE).await.json();
    assert_eq!(save(&mut officer, &one, &base, "name = \"青森市\"", "name = \"青い森市\"").await, "");
    assert_eq!(save(&mut officer, &two, &base, "name = \"青森市\"", "name = \"赤い森市\"").await, "stale");
    assert_eq!(two.name(), "青森市");
    assert_eq!(two.look().await, 1);
    assert_eq!(two.name(), "青い森市");
}

#[tokio::test]
async fn a_profile_that_does_not_go_with_the_other_servers_files_changes_nothing_there() {
    let Some((_server, [one, mut two])) = machines().await else { return };
    // At the other one another agency has that name's code.
    fs::copy(two.folder.join("aomori.toml"), two.folder.join("other.toml")).unwrap();
    one.edit("name = \"青森市\"", "name = \"青い森市\"");
    one.hang_up().await;
    let former = two.text();
    for _ in 0..2 {
        assert!(take_others(&two.live, &mut two.seen).await.is_err(), "not tried again");
        assert_eq!((two.name(), two.text()), ("青森市".to_owned(), former.clone()));
    }
    fs::remove_file(two.folder.join("other.toml")).unwrap();
    assert_eq!(two.look().await, 1);
    assert_eq!(two.name(), "青い森市");
}
