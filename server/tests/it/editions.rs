//! A roster's next edition is written in turns with others, who see nothing of it before it is whole.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
};

use serde_json::{Value, json};
use touroku_proto::officer::company::{Period, Suspension};
use touroku_server::{
    error::Error,
    officer::import::{resume, sweep_rosters},
    roster::{Report, RosterFile, import_stepwise},
    store::{Actor, FormerRoster, NextRoster, RosterRow, Stage, Taken, Writer, look_back, write_next},
};

use crate::support::{
    client::{Client, ROSTER, TestServer},
    engine::{apart, exclusively, is_sqlite},
    import::{roster, row},
};

/// Companies of a file that takes several turns.
pub(crate) const MANY: usize = 8_000;

/// The sample roster with another name for one, and many new ones.
pub(crate) fn large() -> String {
    let mut file = ROSTER.replace("本町２－２", "本町３－３");
    for index in 0..MANY {
        file += &format!("{:09},架空社{index},,,,,,,,,,\n", 100_000_000 + index);
    }
    file
}

/// `roster import` of that text, which calls `step` between two turns.
pub(crate) fn import(
    server: &TestServer,
    text: &str,
    step: &mut (dyn FnMut(u64) -> Result<(), Error> + Send),
) -> Result<Report, Error> {
    let path = server.folder.path().join("other.csv");
    std::fs::write(&path, text).unwrap();
    let profile = server.app.agencies.profile("aomori").unwrap();
    exclusively(server.folder.path(), |database| {
        let mut file = RosterFile::open(&path, profile).unwrap();
        import_stepwise(database, &mut file, profile, false, server.app.post(), step)
    })
}

/// What the list, the figures and a count say of how many companies there are.
pub(crate) fn counts(server: &TestServer) -> [u64; 3] {
    let store = Arc::clone(&server.app.store);
    let read = move || {
        let mut database = touroku_server::store::Exclusive::open(store.location().clone()).unwrap();
        database
            .read(|reader| {
                Ok([reader.listed_total("aomori", (0, 11))?, reader.stock_counts("aomori")?.roster])
            })
            .unwrap()
    };
    let [listed, figure] = apart(read);
    let counted = server.value("SELECT count(*) FROM roster WHERE agency = 'aomori'");
    [listed, figure, counted.parse().unwrap()]
}

#[tokio::test]
async fn an_import_that_ends_between_two_turns_leaves_the_old_roster_and_the_next_one_succeeds() {
    let server = TestServer::start();
    let before = roster(&server, "aomori");
    for (turn, is_killed) in [(1, false), (2, false), (3, false), (1, true), (2, true), (3, true)] {
        let mut turns = 0;
        let mut step = |rows: u64| {
            turns += u64::from(rows > 0);
            assert!(turns < turn || !is_killed, "killed");
            if turns < turn { Ok(()) } else { Err(Error::Busy) }
        };
        // What panics tidies nothing up, like what is killed.
        let ended = catch_unwind(AssertUnwindSafe(|| import(&server, &large(), &mut step).is_err()));
        assert!(ended.unwrap_or(true), "{turn} {is_killed}");
        assert_eq!(turns, turn);
        let rows: u64 = server.value("SELECT count(*) FROM roster_row").parse().unwrap();
        assert!(rows > 2, "{turn}: something had been written: {rows}");
        assert_eq!(roster(&server, "aomori"), before, "{turn} {is_killed}");
        assert_eq!(counts(&server), [2; 3], "{turn} {is_killed}");
        // Nobody has been seen at work on it for a minute.
        server.wait(60_001);
    }
    let mut seen = Vec::new();
    let mut step = |rows: u64| {
        if rows > 0 {
            seen.push((roster(&server, "aomori") == before, counts(&server)));
        }
        Ok(())
    };
    let report = import(&server, &large(), &mut step).unwrap();
    assert_eq!((report.added, report.changed), (MANY as u64, 1));
    assert!(seen.len() > 3 && seen.iter().all(|(is_old, counts)| *is_old && *counts == [2; 3]), "{seen:?}");
    assert_eq!(counts(&server), [MANY as u64 + 2; 3]);
    assert_eq!(row(&server, "990000002").await.unwrap().address, "青森市本町３－３");
    let left = server.value("SELECT count(*) FROM roster_row");
    assert_eq!(left, (MANY + 2).to_string(), "nothing of the attempts, nor of the roster before, is left");
    assert_eq!(server.value("SELECT count(*) FROM roster_place"), left);
}

#[tokio::test]
async fn what_was_left_is_swept_in_the_background_and_not_while_somebody_is_at_work() {
    let server = TestServer::start();
    let rows = || server.value("SELECT count(*) FROM roster_row");
    let mut step = |rows: u64| {
        assert_eq!(rows, 0, "killed");
        Ok(())
    };
    catch_unwind(AssertUnwindSafe(|| import(&server, &large(), &mut step))).unwrap_err();
    let written = rows();
    assert_ne!(written, "2");
    for (later, left) in [(59_000, written.as_str()), (1_001, "2")] {
        server.wait(later);
        sweep_rosters(&server.app).await.unwrap();
        assert_eq!(rows(), left);
    }
}

/// Uploads the file and writes all that taking it over would write, without putting it in force.
pub(crate) async fn written(server: &TestServer, officer: &mut Client, file: &str) -> NextRoster {
    let id = officer.upload(server, file.as_bytes()).await["id"].as_i64();
    write(server, id.unwrap(), id)
}

/// Writes what an import has laid ready, for it or beside it.
pub(crate) fn write(server: &TestServer, id: i64, import: Option<i64>) -> NextRoster {
    let stage = server.folder.path().join(format!("touroku.db.imports/{id}.stage3"));
    let agency = server.value(&format!("SELECT agency FROM import WHERE id = {id}"));
    let (store, now) = (Arc::clone(&server.app.store), server.app.outside.now());
    apart(move || {
        let stage = Stage::open(Path::new(&stage)).unwrap();
        write_next(&*store, (&agency, import), &stage, Some(absent(now)), &mut |_| Ok(now)).unwrap()
    })
}

/// What an import says to companies that registered and that it lacks.
fn absent(now: i64) -> Suspension {
    let (reason, officer) = ("名簿にない".to_owned(), "hanako".to_owned());
    Suspension { reason, officer, at_unix_ms: now, period: Period::default(), in_force: true }
}

/// Puts what is written in force, as the last turn of a take-over.
pub(crate) async fn in_force(server: &TestServer, next: NextRoster) -> Taken {
    let now = server.app.outside.now();
    let id = server.value("SELECT max(id) FROM import").parse::<i64>().unwrap();
    let put = move |writer: &Writer<'_>| {
        let taken = writer.take_next(&next, Actor::command("aomori"), now)?;
        writer.import_taken(id, taken.version, now)?;
        Ok(taken)
    };
    server.app.store.write(put).await.unwrap()
}

/// Undoes, as its last turn.
pub(crate) async fn undone(server: &TestServer, former: FormerRoster) -> bool {
    let now = server.app.outside.now();
    let undo = move |writer: &Writer<'_>| writer.take_former(&former, Actor::command("aomori"), now);
    server.app.store.write(undo).await.unwrap()
}

#[tokio::test]
async fn what_a_killed_server_was_taking_over_is_checked_again_and_can_be_taken_over_at_once() {
    let server = TestServer::start();
    let before = roster(&server, "aomori");
    let mut officer = server.officer("aomori", "hanako", "review");
    let id = officer.upload(&server, large().as_bytes()).await["id"].clone();
    write(&server, id.as_i64().unwrap(), id.as_i64());
    server.by_hand("UPDATE import SET state = 'taking'");
    let server = server.restart();
    if !is_sqlite() {
        // It might be another server that is at work.
        server.wait(600_001);
    }
    let mut again = server.client();
    again.cookie.clone_from(&officer.cookie);
    resume(&server.app).await.unwrap();
    assert_eq!(again.import_after(&server, &id).await["state"], "checked");
    assert_eq!((roster(&server, "aomori"), counts(&server)), (before.clone(), [2; 3]));
    assert_eq!(again.taken(&server, &id, json!({})).await["state"], "taken");
    assert_eq!(counts(&server), [MANY as u64 + 2; 3]);
    let rows = server.value("SELECT count(*) FROM roster_row");
    assert_eq!(rows, (MANY + 3).to_string(), "and the one that was changed, to be undone");
    assert_eq!(again.undo(&id).await.code(), "");
    assert_eq!((roster(&server, "aomori"), counts(&server)), (before, [2; 3]));
}

#[tokio::test]
async fn while_an_import_is_taken_over_none_begins_or_is_undone_and_what_an_officer_corrects_is_kept() {
    let server = TestServer::start();
    let (mut officer, mut other) =
        (server.officer("aomori", "hanako", "review"), server.officer("aomori", "jiro", "review"));
    let first =
        officer.upload(&server, ROSTER.replace("本町２－２", "本町４－４").as_bytes()).await["id"].clone();
    officer.taken(&server, &first, json!({})).await;
    let file = large().replace("新町１－１", "新町９－９");
    let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
    // `roster import`, which is at work and for which the take-over waits.
    let beside = write(&server, id.as_i64().unwrap(), None);
    assert_eq!(officer.take(&id, json!({})).await.code(), "");

    assert_eq!(other.begin_import("b.csv", 10).await.code(), "import_running");
    let view = other.get(&format!("/api/officer/imports/{first}")).await.json();
    assert_eq!((&view["can_undo"], other.undo(&first).await.code().as_str()), (&json!(false), "wrong_state"));
    let form = other.get("/api/officer/roster?number=990000001").await.json();
    let fields = form["fields"].as_array().unwrap().iter();
    let mut values: Value =
        fields.map(|field| (field["name"].as_str().unwrap().to_owned(), field["value"].clone())).collect();
    values["住所"] = json!("訂正した住所");
    let corrected =
        json!({"number": "990000001", "revision": form["revision"], "values": values, "keep": true});
    assert_eq!(other.post("/api/officer/roster", corrected).await.json()["saved"], true);
    let old = roster(&server, "aomori");
    server.app.store.write(move |writer| writer.give_up(beside.edition())).await.unwrap();

    let import = officer.import_after(&server, &id).await;
    assert_eq!(
        (&import["state"], &import["found"]["changed"]),
        (&json!("checked"), &json!(1)),
        "compared anew"
    );
    assert_eq!((roster(&server, "aomori"), counts(&server)), (old, [2; 3]));
    assert_eq!(officer.taken(&server, &id, json!({})).await["state"], "taken");
    assert_eq!(row(&server, "990000001").await.unwrap().address, "訂正した住所");
    assert_eq!(counts(&server), [MANY as u64 + 2; 3]);
}

#[tokio::test]
async fn contractors_work_on_the_old_roster_until_the_new_one_is_in_force() {
    let server = TestServer::start().with_agency("shimonoseki");
    let before = roster(&server, "aomori");
    let mut officer = server.officer("aomori", "hanako", "review");
    // Without the company that registers meanwhile, and with another name for the other one.
    let file = large().replace("㈱髙﨑建設", "株式会社あらた");
    let file: String = file
        .lines()
        .filter(|line| !line.starts_with("990000001"))
        .map(|line| line.to_owned() + "\n")
        .collect();
    let next = written(&server, &mut officer, &file).await;

    let (mut contractor, card) = (server.client(), server.card(7));
    contractor.registered(&card).await;
    contractor.begin().await;
    assert_eq!(contractor.login(&card, "bid").await.code(), "");
    let list = server.client().get("/api/agencies/aomori/companies").await.json().to_string();
    assert!(list.contains("髙﨑建設") && !list.contains("あらた"), "{list}");
    let mut elsewhere = server.client();
    let other = json!({"agency": "shimonoseki", "category": "small", "way": "password"});
    assert_eq!(elsewhere.post("/api/session", other).await.code(), "");
    assert_eq!(roster(&server, "aomori"), before);
    assert_eq!(counts(&server), [2; 3]);

    let taken = in_force(&server, next).await;
    assert_eq!((taken.removed, taken.suspended), (0, 1), "who came meanwhile stays");
    assert_eq!(counts(&server), [MANY as u64 + 2; 3]);
    assert!(row(&server, "990000001").await.is_some());
    let named = "/api/agencies/aomori/companies?query=%E3%81%82%E3%82%89%E3%81%9F";
    let list = server.client().get(named).await.json().to_string();
    assert!(list.contains("990000002"), "{list}");
}

#[tokio::test]
async fn who_registers_while_the_roster_is_written_hears_of_another_name_too() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let next = written(&server, &mut officer, &ROSTER.replace("（株）テスト商会０１", "（株）別の社")).await;
    server.client().registered(&server.card(7)).await;
    in_force(&server, next).await;
    sweep_rosters(&server.app).await.unwrap();
    assert_eq!(server.value("SELECT number FROM event WHERE kind = 'renamed'"), "990000001");
}

pub(crate) async fn looked_back(server: &TestServer, id: i64) -> Option<FormerRoster> {
    let store = Arc::clone(&server.app.store);
    apart(move || look_back(&*store, ("aomori", id), &mut |_| Ok(1)).unwrap())
}

#[tokio::test]
async fn while_an_import_is_being_undone_the_new_roster_stays_and_whoever_registers_with_it_prevents_that() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    server.by_hand("UPDATE roster_row SET number = '990000009' WHERE number = '990000001'");
    let id = officer.upload(&server, large().as_bytes()).await["id"].clone();
    officer.taken(&server, &id, json!({})).await;
    let taken = roster(&server, "aomori");
    let former = looked_back(&server, id.as_i64().unwrap()).await.unwrap();
    assert_eq!(roster(&server, "aomori"), taken);
    assert_eq!(counts(&server), [MANY as u64 + 3; 3]);
    server.client().registered(&server.card(7)).await;
    assert!(!undone(&server, former).await);
    assert_eq!(roster(&server, "aomori"), taken);
    assert!(looked_back(&server, id.as_i64().unwrap()).await.is_none(), "nor later");
}

#[tokio::test]
async fn an_undo_brings_everything_back_at_once_and_the_next_import_begins_from_there() {
    let server = TestServer::start();
    let before = roster(&server, "aomori");
    let mut officer = server.officer("aomori", "hanako", "review");
    let all_else: String = large()
        .lines()
        .filter(|line| !line.starts_with("990000001"))
        .map(|line| line.to_owned() + "\n")
        .collect();
    for _ in 0..2 {
        let id = officer.upload(&server, all_else.as_bytes()).await["id"].clone();
        officer.taken(&server, &id, json!({"remove_missing": true})).await;
        assert_eq!(counts(&server), [MANY as u64 + 1; 3]);
        assert_eq!(officer.undo(&id).await.code(), "");
        assert_eq!(roster(&server, "aomori"), before);
        assert_eq!(counts(&server), [2; 3]);
        server.app.imports.wait();
        assert_eq!(roster(&server, "aomori"), before);
        assert_eq!(counts(&server), [2; 3]);
        assert_eq!(server.value("SELECT count(*) FROM roster_row"), "2");
    }
}

#[tokio::test]
async fn however_many_rosters_follow_each_other_as_many_companies_are_told_as_there_are() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let one: String = ROSTER
        .lines()
        .filter(|line| !line.starts_with("990000001"))
        .map(|line| line.to_owned() + "\n")
        .collect();
    let changed = ROSTER.replace("本町２－２", "本町４－４");
    for file in [&changed, &one, ROSTER, &changed, &one, &changed] {
        let id = officer.upload(&server, file.as_bytes()).await["id"].clone();
        officer.taken(&server, &id, json!({"remove_missing": true})).await;
        let companies = file.lines().count() as u64 - 1;
        assert_eq!(counts(&server), [companies; 3], "{file}");
    }
}

#[tokio::test]
async fn a_correction_by_hand_while_an_import_writes_is_kept() {
    let server = TestServer::start();
    let corrected =
        RosterRow { address: "訂正した住所".to_owned(), ..row(&server, "990000001").await.unwrap() };
    let mut is_first = true;
    let mut step = |rows: u64| {
        if rows > 0 && std::mem::take(&mut is_first) {
            let corrected = corrected.clone();
            exclusively(server.folder.path(), |database| {
                database.write(|writer| {
                    writer.take_over("aomori", &corrected, 1)?;
                    writer.keep_row("aomori", "990000001", true)?;
                    writer.roster_changed("aomori")
                })
            })?;
        }
        Ok(())
    };
    let report = import(&server, &large().replace("新町１－１", "新町９－９"), &mut step).unwrap();
    assert_eq!((report.taken, report.changed), (true, 1), "compared anew");
    assert_eq!(row(&server, "990000001").await.unwrap().address, "訂正した住所");
    assert_eq!(counts(&server), [MANY as u64 + 2; 3]);
}

#[tokio::test]
async fn names_of_an_edition_are_found_once_it_is_in_force_and_those_before_it_after_an_undo() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let catch_up = async || {
        touroku_server::officer::company::index::catch_up(&server.app).await.unwrap();
    };
    let mut found = async |name: &str| {
        let query: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let list = server.client().get(&format!("/api/agencies/aomori/companies?query={query}")).await.json();
        let looked_up = officer.get(&format!("/api/officer/companies?query={query}")).await.json();
        [&list, &looked_up].map(|page| page.to_string().contains(r#""990000002""#))
    };
    catch_up().await;
    assert_eq!((found("髙﨑").await, found("あらた").await), ([true; 2], [false; 2]));
    let mut other = server.officer("aomori", "jiro", "review");
    let next = written(&server, &mut other, &ROSTER.replace("㈱髙﨑建設", "株式会社あらた")).await;
    catch_up().await;
    assert_eq!((found("髙﨑").await, found("あらた").await), ([true; 2], [false; 2]), "written only");
    let id = server.value("SELECT max(id) FROM import").parse::<i64>().unwrap();
    in_force(&server, next).await;
    for _ in ["not indexed yet", "indexed"] {
        assert_eq!((found("髙﨑").await, found("あらた").await), ([false; 2], [true; 2]));
        catch_up().await;
    }
    assert_eq!(other.undo(&json!(id)).await.code(), "");
    server.app.imports.wait();
    for _ in ["not swept yet", "swept"] {
        assert_eq!((found("髙﨑").await, found("あらた").await), ([true; 2], [false; 2]));
        catch_up().await;
    }
    assert_eq!(server.value("SELECT count(*) FROM name_key WHERE agency = 'aomori'"), "2");
}
