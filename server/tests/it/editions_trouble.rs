//! Editions when others come in between.

use serde_json::json;
use touroku_server::store::{Turns as _, sweep};

use crate::{
    editions::{MANY, counts, import, large, write, written},
    support::{
        client::{ROSTER, TestServer, account_form, no_limits},
        engine::apart,
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
