//! The commands as an administrator types them.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;
use touroku_server::store::Exclusive;

use crate::support::{
    authority::{Authority, Spec},
    client::{TestServer, account_form, no_limits},
    engine::exclusively,
};

const AT: &str = "2026-11-18T12:00:00+09:00";
const AGENCIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../agencies");

fn server(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touroku-server"));
    command.current_dir(folder).args(arguments);
    command
}

fn run(folder: &TempDir, arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = server(folder.path(), arguments).output().unwrap();
    let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    (status.code().unwrap(), said)
}

fn folder_with(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn verify_certificate_says_accepted_or_why_not() {
    let root = Authority::root();
    let middle = root.issue(Spec { serial: 3, ..Spec::authority("Middle CA") });
    let card = middle.issue(Spec::card());
    let chain = [card.pem(), middle.pem()].concat();
    let folder = folder_with(&[
        ("root.pem", &root.pem()),
        ("middle.der", &middle.der()),
        ("card.der", &card.der()),
        ("chain.pem", &chain),
        ("root.crl", &root.crl(&[])),
        ("middle.crl", &middle.crl(&[7])),
        ("note.txt", b"not a certificate"),
    ]);
    let verify = |arguments: &[&str]| {
        let all = [&["verify-certificate", "--trust", "root.pem", "--at", AT], arguments].concat();
        run(&folder, &all)
    };
    let (status, said) = verify(&["chain.pem"]);
    assert_eq!((status, said.lines().last()), (0, Some("受理")), "{said}");
    assert_eq!(verify(&["--intermediate", "middle.der", "card.der"]).0, 0);
    let (status, said) = verify(&["card.der"]);
    assert!(status == 1 && said.contains("拒否 certificate_unknown_issuer "), "{said}");
    let (status, said) = verify(&["--crl", "root.crl", "--crl", "middle.crl", "--json", "chain.pem"]);
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (status, &json["accepted"], json["code"].as_str()),
        (1, &Value::Bool(false), Some("certificate_revoked"))
    );
    assert!(verify(&["note.txt"]).1.contains("拒否 certificate_malformed"));
    assert_eq!(verify(&["nowhere.pem"]).0, 1);
    assert_eq!(verify(&[]).0, 2);
}

#[test]
fn verify_token_reads_a_file_or_standard_input() {
    let root = Authority::root();
    let card = root.issue(Spec::card());
    let (origin, nonce) = ("https://ebid.example.jp", "A".repeat(44));
    let token = card.token(origin, &nonce).to_string();
    let folder = folder_with(&[
        ("root.pem", &root.pem()),
        ("token.json", token.as_bytes()),
        ("half.json", b"{\"format\":"),
    ]);
    let arguments = ["verify-token", "--trust", "root.pem", "--at", AT, "--nonce", &nonce, "--origin"];
    let verify = |rest: &[&str]| run(&folder, &[&arguments, rest].concat());
    assert_eq!(verify(&[origin, "token.json"]).0, 0);
    let (status, said) = verify(&["https://other.example.jp", "token.json"]);
    assert!(status == 1 && said.contains("拒否 token_signature "), "{said}");
    assert!(verify(&[origin, "half.json"]).1.contains("拒否 token_malformed"));
    assert_eq!(verify(&["https://ebid.example.jp/", "token.json"]).0, 2);

    let mut child = server(folder.path(), &[&arguments[..], &[origin, "-"]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn roster_import_tells_its_counts_and_its_mistakes() {
    let folder = folder_with(&[
        ("good.csv", "業者番号,名称,備考\n000000001,ア社,x\n".as_bytes()),
        ("bad.csv", "業者番号,名称\n000000001,ア社\n1,イ社\n".as_bytes()),
    ]);
    let import = |rest: &[&str]| {
        run(&folder, &[&["roster", "import", "--agency", "aomori", "--agencies", AGENCIES], rest].concat())
    };
    let (status, said) = import(&["good.csv"]);
    assert!(status == 0 && said.contains("追加 1件、変更 0件、変更なし 0件、エラー 0件"), "{said}");
    assert!(said.contains("使わなかった列: 備考"), "{said}");
    let (status, said) = import(&["bad.csv"]);
    assert!(status == 1 && said.contains("3行1列（業者番号）"), "{said}");
    assert_eq!(import(&["bad.csv", "--partial"]).0, 0);
    let unknown = ["roster", "import", "good.csv", "--agency", "nowhere", "--agencies", AGENCIES];
    assert!(run(&folder, &unknown).1.contains("aomori"));
}

#[test]
fn postal_import_takes_all_or_nothing() {
    let sample = std::fs::read(Path::new(AGENCIES).join("postal/sample.csv")).unwrap();
    let mut broken = sample.clone();
    broken.extend_from_slice("02201,x\r\n".as_bytes());
    let folder = folder_with(&[("good.csv", &sample), ("bad.csv", &broken)]);
    let count = || {
        let database = Exclusive::open(&folder.path().join("touroku.db"));
        database.unwrap().write(|writer| writer.postal_addresses("0300801")).unwrap()
    };
    let (status, said) = run(&folder, &["postal", "import", "bad.csv"]);
    assert!(status == 1 && said.contains("bad.csv:35行: 15列") && count().is_empty(), "{said}");
    let (status, said) = run(&folder, &["postal", "import", "good.csv"]);
    assert!(status == 0 && said.contains("住所 34件"), "{said}");
    assert_eq!(run(&folder, &["postal", "import", "bad.csv"]).0, 1);
    assert_eq!(run(&folder, &["postal", "import", "good.csv"]).0, 0);
    assert_eq!(count(), ["青森県青森市新町"], "taken once, however often it is imported");
}

#[test]
fn agency_check_names_mistakes_by_line_and_column() {
    let sound = std::fs::read_to_string(Path::new(AGENCIES).join("aomori.toml")).unwrap();
    let broken = sound.replace("form = \"goods\"", "form = \"gods\"");
    let folder = folder_with(&[("sound.toml", sound.as_bytes()), ("broken.toml", broken.as_bytes())]);
    assert_eq!(run(&folder, &["agency", "check", "sound.toml"]).0, 0);
    let (status, said) = run(&folder, &["agency", "check", "sound.toml", "broken.toml"]);
    let line = broken.lines().position(|line| line == "form = \"gods\"").unwrap() + 1;
    assert!(status == 1 && said.contains(&format!("broken.toml:{line}行8桁: ")), "{said}");
}

/// A server in `folder`, which writes its address to the file `port`.
fn serving(folder: &Path) -> Command {
    let place = ["--database", "t.db", "--agencies", AGENCIES, "--trust", "root.pem", "--port-file", "port"];
    server(folder, &[&["serve", "--listen", "127.0.0.1:0"], &place[..]].concat())
}

/// What it answers to this request, with everything around it.
fn answer(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn serve_answers_and_stops_gracefully_when_told() {
    let folder = folder_with(&[("root.pem", &Authority::root().pem())]);
    let mut child = serving(folder.path()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(log.any(|line| line.unwrap().contains("listening")));
    let address = std::fs::read_to_string(folder.path().join("port")).unwrap();
    let answer = answer(&address, HEALTH);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let told = Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(log.any(|line| line.unwrap().contains("agencies read again")));
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(log.any(|line| line.unwrap().ends_with("stopped")));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let wal = folder.path().join("t.db-wal");
    assert!(std::fs::metadata(wal).map_or(0, |file| file.len()) == 0, "the WAL was not emptied");
}

#[test]
fn a_server_whose_log_can_not_be_written_goes_on() {
    let folder = folder_with(&[("root.pem", &Authority::root().pem())]);
    // Where each write says that the disk is full.
    let full = std::fs::File::create("/dev/full").unwrap();
    let mut child = serving(folder.path()).stderr(full).spawn().unwrap();
    let port = folder.path().join("port");
    while std::fs::read_to_string(&port).map_or(true, |address| address.is_empty()) {
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        std::thread::yield_now();
    }
    let address = std::fs::read_to_string(&port).unwrap();
    for _ in 0..3 {
        let answer = answer(&address, HEALTH);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn serve_says_what_is_wrong_with_its_configuration() {
    let folder = folder_with(&[
        ("typo.toml", b"lisen = \"127.0.0.1:1\"\n"),
        (
            "both.toml",
            b"[trust]\nanchors = [\"root.pem\"]\n[mail]\nsmtp = \"smtp://localhost\"\nfolder = \"mail\"\n",
        ),
        ("root.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ]);
    for (arguments, word) in [
        (&["--config", "typo.toml"][..], "1行1桁"),
        (&["--config", "both.toml"], "どちらか一方"),
        (&["--config", "nowhere.toml"], "nowhere.toml"),
        (&[], "--trust"),
        (&["--trust", "root.pem", "--agencies", AGENCIES], "root.pem"),
    ] {
        let (status, said) = run(&folder, &[&["serve"], arguments].concat());
        assert!(status == 1 && said.contains(word), "{arguments:?}: {said}");
    }
    assert_eq!(run(&folder, &["serve", "--origin", "http://ebid.example.jp"]).0, 2);
}

#[tokio::test]
async fn applications_are_listed_approved_and_rejected_beside_the_running_server() {
    let server = TestServer::start_at("shimonoseki", no_limits(), "");
    std::fs::write(server.folder.path().join("touroku.key"), hex::encode([7; 32])).unwrap();
    let mut client = server.client();
    client.reach_application().await;
    client.apply("a-1", account_form("taro01", "oi25io14")).await;
    server.take_mails().await;
    let application = |rest: &[&str]| {
        let place = ["--agency", "shimonoseki", "--agencies", "agencies"];
        run(&server.folder, &[&["application", rest[0]], &place[..], &rest[1..]].concat())
    };
    let (status, said) = application(&["list"]);
    assert!(status == 0 && said.contains("受付番号 20") && said.contains("（株）テスト商会０１"), "{said}");
    assert!(said.ends_with("1件\n") && !said.contains("oi25io14") && !said.contains("argon2"), "{said}");

    let (_, rest) = said.split_once("受付番号 ").unwrap();
    let one = rest.split_once('　').unwrap().0;

    assert_eq!(application(&["approve", "--company", "990000001"]).0, 2, "which of them must be said");
    for wrong in [["--company", "990000001", "--id", "2"], ["--company", "990000002", "--id", one]] {
        let (status, said) = application(&[&["approve"], &wrong[..]].concat());
        assert!(status == 1 && said.contains("申請はありません"), "{said}");
    }
    let first = ["--company", "990000001", "--id", one];
    assert_eq!(application(&[&["reject"], &first[..]].concat()).0, 2, "a rejection has its reason");
    assert_eq!(application(&[&["reject"], &first[..], &["--reason", " "]].concat()).0, 2);
    let (status, said) =
        application(&[&["reject"], &first[..], &["--reason", "許可通知書がありません"]].concat());
    assert!(status == 0 && said.contains("却下しました。メールの宛先 2件"), "{said}");
    let (status, said) = application(&[&["approve"], &first[..]].concat());
    assert!(status == 1 && said.contains("却下済み"), "{said}");
    assert_eq!(server.take_mails().await.len(), 2);
    assert_eq!(
        client.get("/api/session").await.json()["application"]["own"]["reason"],
        "許可通知書がありません"
    );

    client.reach_application().await;
    client.apply("a-2", account_form("taro01", "oi25io14")).await;
    let (_, said) = application(&["list"]);
    let two = said.split_once("受付番号 ").unwrap().1.split_once('　').unwrap().0;
    assert_eq!(application(&["approve", "--company", "990000001", "--id", two]).0, 0);
    assert_eq!(client.log_in_by_id("taro01", "oi25io14", "bid").await.code(), "");
    assert!(application(&["list"]).1.ends_with("0件\n"));
    let (_, all) = application(&["list", "--all"]);
    assert!(all.contains("承認済み") && all.contains("理由: 許可通知書がありません"), "{all}");
}

#[test]
fn a_bidding_systems_secret_is_shown_once_and_its_hash_kept_in_the_profile() {
    let server = TestServer::start();
    server.app.store.close();
    let client = "code = \"bidding\"\nname = \"電子入札\"\nredirect_uris = [\"https://bid.example.jp/cb\"]\n";
    std::fs::write(server.folder.path().join("client.toml"), client).unwrap();
    let oidc = |arguments: &[&str]| {
        let place = ["--agencies", "agencies"];
        run(&server.folder, &[&["oidc"], arguments, &place].concat())
    };
    let profile = || std::fs::read_to_string(server.folder.path().join("agencies/aomori.toml")).unwrap();
    let secret_of = |said: &str| {
        let (_, rest) = said.split_once("client_secret）: ").unwrap_or_else(|| panic!("{said}"));
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let kept = |secret: &str| {
        use sha2::Digest as _;
        hex::encode(sha2::Sha256::digest(secret))
    };
    let (code, said) = oidc(&["clients", "add", "--agency", "aomori", "--file", "client.toml"]);
    assert_eq!(code, 0, "{said}");
    let first = secret_of(&said);
    assert!(profile().contains(&kept(&first)) && !profile().contains(&first));
    let (code, said) = oidc(&["clients", "add", "--agency", "aomori", "--file", "client.toml"]);
    assert!(code == 1 && said.contains("二度"), "{said}");
    let (_, said) = oidc(&["clients", "secret", "--agency", "aomori", "--code", "bidding", "--keep-former"]);
    let second = secret_of(&said);
    assert!(profile().contains(&kept(&first)) && profile().contains(&kept(&second)));
    let (_, said) = oidc(&["clients", "list", "--agency", "aomori"]);
    assert!(said.contains("/oidc/aomori") && said.contains("bidding") && !said.contains(&second), "{said}");
    let (code, said) = oidc(&["clients", "remove", "--agency", "aomori", "--code", "bidding"]);
    assert!(code == 0 && !profile().contains("[[clients]]"), "{said}");
    assert_eq!(oidc(&["clients", "remove", "--agency", "aomori", "--code", "bidding"]).0, 1);

    let (code, said) = oidc(&["keys", "rotate"]);
    assert!(
        code == 0 && said.matches("使用中").count() == 2 && said.matches("次に使用").count() == 2,
        "{said}"
    );
    let entries = exclusively(server.folder.path(), |database| {
        database.read(|reader| reader.audit_entries("aomori", 0, 10)).unwrap()
    });
    assert_eq!(entries.len(), 3, "each change of a client: {entries:?}");
    assert!(entries.iter().all(|entry| entry.action == "profile_changed" && !entry.detail.contains(&second)));
}
