//! Editions when others come in between.

use serde_json::json;
use touroku_server::{
    officer::import::sweep_rosters,
    store::{Actor, Turns as _, Writer, sweep},
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
    assert_eq!(officer.look_and_decide("account", &json!(1), None).await.code(), "");
    let now = server.app.outside.now();
    let put =
        move |writer: &Writer<'_>| writer.take_next(&next, Actor::command("shimonoseki"), now).map(drop);
    server.app.store.write(put).await.unwrap();
    sweep_rosters(&server.app).await.unwrap();
    assert_eq!(server.value("SELECT number FROM event WHERE kind = 'renamed'"), "990000001");
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

/// `TOUROKU_ROWS=200000 TOUROKU_REGISTERED=20000 cargo test --release -p touroku-server --test it -- --ignored --nocapture editions`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn nobody_who_writes_waits_for_long() {
    let number = |name: &str, usual| std::env::var(name).map_or(usual, |rows| rows.parse().unwrap());
    let (rows, registered) = (number("TOUROKU_ROWS", 20_000), number("TOUROKU_REGISTERED", 2_000));
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    for (what, name, from) in [("added", "架空社", 0), ("changed", "別社", 0), ("gone", "別社", registered)]
    {
        let mut file =
            "業者番号,商号又は名称,商号又は名称カナ,代表者氏名,電話番号,メールアドレス\n".to_owned();
        for index in from..rows {
            let mixed = index * 7_919 % 1_000_003;
            file += &format!(
                "{:09},{name}{mixed},カ{mixed},見本{mixed},017-{mixed},c{mixed}@example.jp\n",
                100_000_000 + index
            );
        }
        if what == "changed" {
            server.by_hand(&format!(
                "INSERT INTO company (agency, number, company_id, fields, registered_at) SELECT agency, number, 'K-' || number, \
                 '{{}}', 0 FROM roster WHERE agency = 'aomori' AND number >= '1' AND number < '{}'",
                100_000_000 + registered
            ));
        }
        let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
        let undo = format!("/api/officer/imports/{id}/undo");
        for (doing, undone) in [("take", false), ("undo", true), ("take again", false)] {
            let id = match doing {
                "take again" => officer.upload(&server, file.as_bytes()).await["id"].clone(),
                _ => id.clone(),
            };
            let began = std::time::Instant::now();
            let reply = match undone {
                true => officer.post(&undo, json!({})).await,
                false => officer.take(&id, json!({"remove_missing": what == "gone"})).await,
            };
            assert_eq!(reply.code(), "", "{reply:?}");
            let (mut waits, mut taken) = (Vec::new(), None);
            while server.value("SELECT count(*) FROM roster_version WHERE untidy") != "0"
                || server.value("SELECT count(*) FROM import WHERE state = 'taking'") != "0"
            {
                if server.value("SELECT count(*) FROM import WHERE state = 'taking'") == "0" {
                    taken = taken.or(Some(began.elapsed()));
                }
                for _ in 0..20 {
                    let asked = std::time::Instant::now();
                    assert_eq!(server.client().begin().await.code(), "");
                    waits.push(asked.elapsed());
                }
            }
            waits.sort();
            let (all, longest) = (waits.len(), waits.last().copied().unwrap_or_default());
            let median = waits.get(all / 2).copied().unwrap_or_default();
            println!(
                "{rows}, {registered} registered, {what}, {doing}: in force after {:?}, tidy after {:?}; writes: {all}, median {median:?}, longest {longest:?}",
                taken.unwrap_or_default(),
                began.elapsed()
            );
            server.app.imports.wait();
        }
    }
}
