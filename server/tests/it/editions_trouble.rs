//! Editions when others come in between.

use serde_json::json;
use touroku_server::{
    officer::import::sweep_rosters,
    store::{Turns as _, sweep},
};

use crate::{
    editions::{MANY, counts, import, large, write, written},
    support::{
        client::{ROSTER, TestServer, account_form, no_limits},
        engine::{apart, is_sqlite},
        import::{roster, row},
    },
};

#[tokio::test]
async fn what_is_given_up_behind_a_sweep_that_pauses_never_comes_into_force() {
    let server = TestServer::start();
    import(&server, &large(), &mut |_| Ok(())).unwrap();
    let mut officer = server.officer("aomori", "hanako", "review");
    let file = "業者番号,商号又は名称\n000000001,やめた社\n";
    let id = officer.upload(&server, file.as_bytes()).await["id"].as_i64().unwrap();
    server.by_hand("UPDATE roster_version SET untidy = TRUE");
    let (store, now) = (&*server.app.store, server.app.outside.now());
    let mut turns = 0;
    let mut paused = || {
        turns += 1;
        if turns == 2 {
            sweep(&mut &*store, "aomori", &mut || Ok(now))?;
            let next = write(&server, id, None);
            (&mut &*store).turn(move |writer| writer.give_up(next.edition()))?;
        }
        Ok(now)
    };
    apart(|| sweep(&mut &*store, "aomori", &mut paused)).unwrap();
    assert!(turns > 2, "{turns}");
    import(&server, &large().replace("本町３－３", "本町４－４"), &mut |_| Ok(())).unwrap();
    assert_eq!(counts(&server), [MANY as u64 + 2; 3]);
}

#[tokio::test]
async fn whose_id_is_approved_while_the_roster_is_written_hears_of_another_name_too() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "");
    let mut contractor = server.client();
    contractor.reach_application().await;
    assert_eq!(contractor.apply("a-1", account_form("taro01", "oi25io14")).await.code(), "");
    let mut officer = server.officer("shimonoseki", "sato", "review");
    let next = written(&server, &mut officer, &ROSTER.replace("（株）テスト商会０１", "（株）別の社")).await;
    let renamed = async || {
        let next = next.clone();
        let renamings = server.app.store.read(move |reader| reader.next_renamings(&next)).await.unwrap();
        renamings.into_iter().map(|renaming| renaming.number).collect::<Vec<_>>()
    };
    assert!(renamed().await.is_empty(), "nobody has approved it");
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    assert_eq!(renamed().await, ["990000001"]);
}

#[tokio::test]
async fn a_take_over_that_others_hold_up_or_take_for_dead_waits_for_the_officer_again() {
    if !is_sqlite() {
        return;
    }
    let server = TestServer::start();
    let before = roster(&server, "aomori");
    let mut officer = server.officer("aomori", "hanako", "review");
    let id = officer.upload(&server, ROSTER.replace("本町２", "本町３").as_bytes()).await["id"].clone();
    server.by_hand("CREATE TABLE held (officer REFERENCES officer (id) DEFERRABLE INITIALLY DEFERRED)");
    for trouble in [
        // No commit, as when another process does not let go of the lock.
        "INSERT INTO held VALUES (-1)",
        "UPDATE roster_version SET writing = 9223372036854775807",
    ] {
        server.by_hand(&format!("CREATE TRIGGER trouble AFTER INSERT ON roster_row BEGIN {trouble}; END"));
        let import = officer.taken(&server, &id, json!({})).await;
        assert_eq!(import["state"], "checked", "{trouble}: {import:#}");
        assert_eq!(roster(&server, "aomori"), before);
        server.by_hand("DROP TRIGGER trouble");
    }
    assert_eq!(officer.taken(&server, &id, json!({})).await["state"], "taken");
    assert_eq!(row(&server, "990000002").await.unwrap().address, "青森市本町３－２");
}

#[tokio::test]
async fn an_agency_whose_roster_can_not_be_swept_holds_up_no_other_one() {
    let server = TestServer::start().with_agency("shimonoseki");
    server.by_hand(
        "DELETE FROM roster_version; INSERT INTO roster_version (agency, version, untidy) \
         VALUES ('aomori', 0, TRUE), ('shimonoseki', 0, TRUE)",
    );
    server.refuse("BEFORE UPDATE ON roster_version", "NEW.agency = 'aomori' AND NOT NEW.untidy");
    sweep_rosters(&server.app).await.unwrap();
    assert_eq!(server.rows("SELECT agency FROM roster_version WHERE untidy"), [["aomori"]]);
}
