//! Two real servers on one PostgreSQL, and the proxy before them.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, Response, StatusCode, Uri},
};

/// How often the proxy repeats a request before it gives up.
const TRIES: usize = 60;

/// Both servers; one may be killed while the other goes on.
#[derive(Clone)]
pub struct Pair(Arc<[Mutex<Running>; 2]>);

struct Running {
    folder: PathBuf,
    arguments: Vec<String>,
    child: Child,
    address: String,
}

impl Pair {
    /// Of that folder's `server.toml`, with further arguments.
    pub fn start(folder: PathBuf, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let running = || {
            let (child, address) = spawn(&folder, &arguments);
            Mutex::new(Running { folder: folder.clone(), arguments: arguments.clone(), child, address })
        };
        Self(Arc::new([running(), running()]))
    }

    /// kill -9, and started again as systemd would.
    pub fn kill(&self, which: usize) {
        let mut running = self.0[which % 2].lock().unwrap();
        running.end();
        (running.child, running.address) = spawn(&running.folder, &running.arguments);
    }

    /// kill -9 for both.
    pub fn end(&self) {
        self.0.iter().for_each(|running| running.lock().unwrap().end());
    }

    /// Passes requests on to either server, and repeats on the other one what gets no answer, as the page does.
    pub fn proxy(&self) -> Router {
        let (pair, http) = (self.clone(), reqwest::Client::new());
        Router::new().fallback(move |request: Request| {
            let (pair, http) = (pair.clone(), http.clone());
            async move {
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.unwrap();
                for turn in 0..TRIES {
                    let asked = (&parts.method, &parts.uri, &parts.headers, body.clone());
                    match pair.ask(&http, turn, asked).await {
                        Some(answer) if answer.status() != StatusCode::SERVICE_UNAVAILABLE => return answer,
                        _ => tokio::task::yield_now().await,
                    }
                }
                Response::builder().status(502).body(Body::empty()).unwrap()
            }
        })
    }

    async fn ask(
        &self,
        http: &reqwest::Client,
        turn: usize,
        (method, uri, headers, body): (&Method, &Uri, &HeaderMap, Bytes),
    ) -> Option<Response<Body>> {
        // A server that starts holds its lock: then the other one is asked.
        let address =
            (0..2).find_map(|more| Some(self.0[(turn + more) % 2].try_lock().ok()?.address.clone()))?;
        let request = http.request(method.clone(), format!("http://{address}{uri}")).headers(headers.clone());
        let answer = request.body(body).send().await.ok()?;
        let mut response = Response::builder().status(answer.status());
        *response.headers_mut().unwrap() = answer.headers().clone();
        Some(response.body(Body::from(answer.bytes().await.ok()?)).unwrap())
    }
}

impl Running {
    fn end(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Returns when it listens, and where.
fn spawn(folder: &PathBuf, arguments: &[String]) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touroku-server"));
    command.current_dir(folder).args(["serve", "--config", "server.toml", "--listen", "127.0.0.1:0"]);
    let mut child = command.args(arguments).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut said = Vec::new();
    let address = loop {
        let line = log.next().unwrap_or_else(|| panic!("{said:#?}"));
        if let Some((_, rest)) = line.split_once("listening address=") {
            break rest.split(' ').next().unwrap().to_owned();
        }
        said.push(line);
    };
    // Nobody reads the rest, but the pipe must not fill up.
    std::thread::spawn(move || log.for_each(drop));
    (child, address)
}
