//! Connections: silent ones, too many, and what happens to them when the server stops.

use std::{
    io::{BufRead as _, BufReader, Lines},
    net::SocketAddr,
    process::{Child, ChildStderr, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::{Router, routing::get};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Notify, watch},
    task::JoinHandle,
    time::{Instant, timeout},
};
use touroku_server::http::{self, Room};

use crate::support::{authority::Authority, client::TestServer};

const CLOCK: &[u8] = b"GET /api/clock HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A server on a port, with `GET /slow` that answers when told to.
struct Listening {
    _server: TestServer,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    slow: Arc<Slow>,
    ended: JoinHandle<()>,
}

#[derive(Default)]
struct Slow {
    began: Notify,
    go_on: Notify,
}

async fn listen(most: usize) -> Listening {
    listen_in(Room { all: most, one: usize::MAX, proxies: Vec::new() }).await
}

async fn listen_in(room: Room) -> Listening {
    let server = TestServer::start();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let slow = Arc::new(Slow::default());
    let shared = Arc::clone(&slow);
    let answer = || async move {
        shared.began.notify_one();
        shared.go_on.notified().await;
        "done"
    };
    let router: Router = http::router(server.app.clone()).route("/slow", get(answer));
    let ended = tokio::spawn(http::serve(listener, router, room, stopped));
    Listening { _server: server, address, stop, slow, ended }
}

/// The server's program, running by itself.
struct Program {
    _folder: TempDir,
    child: Child,
    /// What it has said until it listened.
    told: Vec<String>,
    log: Lines<BufReader<ChildStderr>>,
    address: SocketAddr,
}

impl Program {
    /// Starts it from a shell that has done that before, with that in its configuration.
    fn start(before: &str, config: &str) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("root.pem"), Authority::root().pem()).unwrap();
        std::fs::write(folder.path().join("server.toml"), config).unwrap();
        let agencies = concat!(env!("CARGO_MANIFEST_DIR"), "/../agencies");
        let serve = format!(
            "{before} exec {} serve --config server.toml --listen 127.0.0.1:0 --database t.db --agencies {agencies} \
             --trust root.pem --port-file port",
            env!("CARGO_BIN_EXE_touroku-server")
        );
        let mut child = Command::new("sh")
            .current_dir(folder.path())
            .args(["-c", &serve])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut told: Vec<String> = Vec::new();
        while !told.last().is_some_and(|line| line.contains("listening") && line.contains("anchors")) {
            told.push(log.next().unwrap_or_else(|| panic!("it ended: {told:#?}")).unwrap());
        }
        let address = std::fs::read_to_string(folder.path().join("port")).unwrap().parse().unwrap();
        Self { _folder: folder, child, told, log, address }
    }
}

impl Listening {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// A response's head and body, up to the announced length.
async fn answer(stream: &mut TcpStream) -> String {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "closed without an answer: {text}");
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() >= length.parse().unwrap() {
            return text;
        }
    }
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    !matches!(stream.read(&mut [0; 1]).await, Ok(1..))
}

#[tokio::test]
async fn a_connection_that_says_nothing_or_half_of_something_ends_within_thirty_seconds() {
    let server = listen(100).await;
    let mut streams = Vec::new();
    for beginning in [&b""[..], b"GET /api/clock HTTP/1.1\r\nHost: ", CLOCK] {
        let mut stream = server.connect().await;
        stream.write_all(beginning).await.unwrap();
        if beginning == CLOCK {
            answer(&mut stream).await;
        }
        streams.push(stream);
    }
    tokio::time::pause();
    let began = Instant::now();
    for stream in &mut streams {
        assert!(is_closed(stream).await);
    }
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[tokio::test]
async fn whoever_waits_longest_makes_room_and_a_request_under_way_does_not() {
    let server = listen(3).await;
    // Working, silent, second; the third displaces the silent one.
    let mut working = server.connect().await;
    working.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    server.slow.began.notified().await;
    let mut silent = server.connect().await;
    let mut second = server.connect().await;
    second.write_all(CLOCK).await.unwrap();
    assert!(answer(&mut second).await.starts_with("HTTP/1.1 200"));
    let mut third = server.connect().await;
    third.write_all(CLOCK).await.unwrap();
    assert!(answer(&mut third).await.starts_with("HTTP/1.1 200"));
    assert!(is_closed(&mut silent).await);
    second.write_all(CLOCK).await.unwrap();
    assert!(answer(&mut second).await.starts_with("HTTP/1.1 200"));
    server.slow.go_on.notify_one();
    assert!(answer(&mut working).await.ends_with("done"));
}

#[tokio::test]
async fn one_address_with_all_that_it_may_hold_leaves_room_for_others() {
    for (proxies, admits_more) in [(Vec::new(), false), (vec!["127.0.0.1".parse().unwrap()], true)] {
        let server = listen_in(Room { all: 6, one: 3, proxies }).await;
        let mut working = Vec::new();
        for _ in 0..3 {
            let mut stream = server.connect().await;
            stream.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
            server.slow.began.notified().await;
            working.push(stream);
        }
        let mut fourth = server.connect().await;
        drop(fourth.write_all(CLOCK).await);
        match admits_more {
            true => assert!(answer(&mut fourth).await.starts_with("HTTP/1.1 200")),
            false => assert!(is_closed(&mut fourth).await),
        }
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut other = socket.connect(server.address).await.unwrap();
        other.write_all(CLOCK).await.unwrap();
        assert!(answer(&mut other).await.starts_with("HTTP/1.1 200"), "others are answered");

        // It may come back once one of its own is done, in place of that.
        server.slow.go_on.notify_one();
        let (done, mut still) = (working.remove(0), working);
        let mut done = done;
        assert!(answer(&mut done).await.ends_with("done"));
        let mut next = server.connect().await;
        next.write_all(CLOCK).await.unwrap();
        assert!(answer(&mut next).await.starts_with("HTTP/1.1 200"));
        assert_eq!(is_closed_soon(&mut done).await, !admits_more);
        server.slow.go_on.notify_one();
        assert!(answer(&mut still[0]).await.ends_with("done"), "what is under way is never closed");
    }
}

/// Within a moment; an idle connection stays for longer.
async fn is_closed_soon(stream: &mut TcpStream) -> bool {
    timeout(Duration::from_millis(300), is_closed(stream)).await.unwrap_or(false)
}

#[tokio::test]
async fn a_stop_finishes_what_is_under_way_and_tells_new_requests_to_come_again() {
    let server = listen(100).await;
    let mut idle = server.connect().await;
    idle.write_all(CLOCK).await.unwrap();
    answer(&mut idle).await;
    let mut working = server.connect().await;
    working.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    server.slow.began.notified().await;

    server.stop.send_replace(true);
    let mut late = server.connect().await;
    let body = "{}";
    let request =
        format!("POST /api/challenge HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    late.write_all(request.as_bytes()).await.unwrap();
    let refused = answer(&mut late).await;
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(
        refused.contains("\r\nretry-after: 1\r\n") && refused.contains("\r\nconnection: close\r\n"),
        "{refused}"
    );
    assert!(
        refused.contains("\"code\":\"unavailable\"") && refused.contains("\"retry_after\":1"),
        "{refused}"
    );
    assert!(is_closed(&mut late).await);
    assert!(timeout(Duration::from_secs(1), is_closed(&mut idle)).await.unwrap());
    assert!(!server.ended.is_finished());

    server.slow.go_on.notify_one();
    let done = answer(&mut working).await;
    assert!(done.starts_with("HTTP/1.1 200") && done.contains("\r\nconnection: close\r\n"), "{done}");
    timeout(Duration::from_secs(2), server.ended).await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_server_at_rest_stops_within_a_second_whoever_is_connected() {
    let server = listen(100).await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = server.connect().await;
        stream.write_all(b"GET /api").await.unwrap();
        streams.push(stream);
    }
    server.stop.send_replace(true);
    timeout(Duration::from_millis(1500), server.ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_whose_body_does_not_come_holds_up_no_stop() {
    let server = listen(100).await;
    let mut half = server.connect().await;
    half.write_all(
        b"POST /api/session HTTP/1.1\r\nHost: localhost\r\nOrigin: https://ebid.example.jp\r\n\
        Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"purpose\"",
    )
    .await
    .unwrap();
    let mut whole = server.connect().await;
    whole.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    server.slow.began.notified().await;
    server.stop.send_replace(true);
    let refused = timeout(Duration::from_secs(2), answer(&mut half)).await.unwrap();
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("\"retry_after\":1"), "{refused}");
    server.slow.go_on.notify_one();
    let done = answer(&mut whole).await;
    assert!(
        done.starts_with("HTTP/1.1 200") && done.ends_with("done"),
        "a slow answer is waited for: {done}"
    );
    timeout(Duration::from_secs(2), server.ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_page_is_served_while_the_server_stops() {
    let server = listen(100).await;
    let mut working = server.connect().await;
    working.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    server.slow.began.notified().await;
    server.stop.send_replace(true);
    for (path, status) in [("/api/clock", "503"), ("/readyz", "503"), ("/favicon.svg", "404")] {
        let mut late = server.connect().await;
        let get = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        late.write_all(get.as_bytes()).await.unwrap();
        let answered = answer(&mut late).await;
        assert!(answered.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answered}");
    }
    server.slow.go_on.notify_one();
}

#[tokio::test]
async fn two_thousand_half_open_connections_from_many_addresses_leave_the_server_answering() {
    let mut program = Program::start("ulimit -n 400;", "");
    let address = program.address;
    let mut half_open = Vec::new();
    for index in 0..2000 {
        // No address holds as much as one may: it is the descriptors that run out.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("127.0.1.{}:0", 1 + index % 100).parse().unwrap()).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        // One that already had to go may be reset.
        drop(stream.write_all(b"GET /healthz HTTP/1.1\r\n").await);
        half_open.push(stream);
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop(half_open);
    program.child.kill().unwrap();
    program.child.wait().unwrap();
}

#[tokio::test]
async fn refused_requests_are_one_line_of_the_log_which_a_stop_still_writes() {
    let mut program = Program::start("", "[limits]\naddress = { count = 1, seconds = 3600 }\n");
    for status in ["200", "429", "429"] {
        let mut stream = TcpStream::connect(program.address).await.unwrap();
        stream
            .write_all(b"GET /api/clock?secret=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    let pid = program.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(program.child.wait().unwrap().success());
    let log: Vec<String> = program.log.map(Result::unwrap).collect();
    let told: Vec<&String> =
        log.iter().filter(|line| line.contains("too many requests were refused")).collect();
    assert_eq!(told.len(), 1, "{log:#?}");
    assert!(told[0].contains("count=2") && told[0].contains("/api/clock"), "{told:?}");
    assert!(!log.iter().any(|line| line.contains("secret")), "{log:#?}");
}

/// The status of an answer.
async fn status(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn with_a_listener_of_their_own_officers_are_found_there_alone() {
    let own = "officer_listen = \"127.0.0.1:0\"\nofficer_origin = \"https://officers.example.jp\"\n";
    let mut program = Program::start("", own);
    let told = program.told.iter().find(|line| line.contains("listening for officers")).unwrap();
    let (_, officers) = told.split_once("address=").unwrap();
    let officers: SocketAddr = officers.split_whitespace().next().unwrap().parse().unwrap();
    for path in ["/api/officer/session", "/api/officer/companies"] {
        assert_eq!(status(program.address, path).await, "404", "{path}");
        assert_eq!(status(officers, path).await, "401", "{path}");
    }
    assert_eq!(status(program.address, "/api/portal").await, "200");
    program.child.kill().unwrap();
    program.child.wait().unwrap();
}

#[test]
fn a_server_without_any_source_of_revocation_says_so_when_it_starts() {
    let mut program = Program::start("", "");
    assert!(program.told.iter().any(|line| line.contains("失効を調べません")), "{:#?}", program.told);
    program.child.kill().unwrap();
    program.child.wait().unwrap();
}
