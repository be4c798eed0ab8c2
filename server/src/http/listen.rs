//! A listener and its connections.
//!
//! Built directly on hyper, because `axum::serve` has no time limits: a connection that sends nothing would
//! be kept forever, and opening enough of them takes the last file descriptor. HTTP/1 only; a proxy in front
//! of the server speaks the other versions.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{ConnectInfo, Request},
    http::{HeaderValue, header},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tower::ServiceExt as _;

use super::{limits::Address, stall::Stalled};

/// How long the head of a request may take, and how long an idle connection may wait for its next one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(25);

/// How long an idle connection is still served when the server stops: its next request may be on its way.
const FAREWELL: Duration = Duration::from_millis(200);

/// How long a connection may take to receive its last response.
const LAST_WORD: Duration = Duration::from_millis(500);

/// How long a request's body may bring nothing when the server stops.
const PATIENCE: Duration = Duration::from_millis(500);

/// Pause until a descriptor is free again.
const BREATH: Duration = Duration::from_millis(50);

/// How a request comes in, while the server may be stopping.
#[derive(Clone)]
pub(super) struct Coming {
    /// It came while the server was stopping.
    pub(super) is_late: bool,
    arrival: Arrival,
    stop: watch::Receiver<bool>,
}

impl Coming {
    /// Ends when the server is stopping and the rest of the request does not come.
    pub(super) async fn given_up(mut self) {
        drop(self.stop.wait_for(|&stop| stop).await);
        self.arrival.stalls().await;
    }
}

/// How many connections there may be.
#[derive(Clone, Debug)]
pub struct Room {
    pub all: usize,
    /// From one address: requests in progress must not take everybody's place.
    pub one: usize,
    /// These are many askers, and limit each of them themselves.
    pub proxies: Vec<IpAddr>,
}

impl Room {
    /// A quarter for each address.
    pub fn of(all: usize, proxies: Vec<IpAddr>) -> Self {
        Self { all, one: (all / 4).max(1), proxies }
    }

    /// A quarter of it, and the rest: for two listeners that share it.
    pub fn shared(self) -> [Self; 2] {
        let Self { all, proxies, .. } = self;
        let quarter = (all / 4).max(1);
        [quarter, all.saturating_sub(quarter).max(1)].map(|part| Self::of(part, proxies.clone()))
    }
}

/// Serves connections until `stop` is true and the requests in progress have been answered. Where there is no room
/// for another one, the one that has been idle longest is closed.
pub async fn serve(listener: TcpListener, router: Router, room: Room, stop: watch::Receiver<bool>) {
    let connections = Arc::new(Connections::default());
    let accept = async {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let address = Address::of(peer.ip());
                    let is_proxy = room.proxies.contains(&peer.ip().to_canonical());
                    if !is_proxy && !connections.admits(address, room.one) {
                        continue;
                    }
                    // Small responses need not wait for more data; large ones are written in large pieces anyway.
                    drop(stream.set_nodelay(true));
                    let place = Arc::new(Place::new(Arc::clone(&connections), address));
                    tokio::spawn(run(stream, peer, router.clone(), place, stop.clone()));
                    connections.make_room(room.all).await;
                }
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    connections.close_oldest();
                    sleep(BREATH).await;
                }
            }
        }
    };
    // The sender lives as long as the server; if it were gone, stopping would be right too.
    let drain = async {
        drop(stop.clone().wait_for(|&stop| stop).await);
        sleep(FAREWELL).await;
        connections.until(|c| c.answering.load(Ordering::SeqCst) == 0).await;
    };
    // New connections are accepted, and told to come back, until the last request has been answered.
    tokio::select! {
        () = accept => {}
        () = drain => {}
    }
    drop(listener);
    let ended = connections.until(|c| c.open.load(Ordering::SeqCst) == 0);
    drop(timeout(FAREWELL + 2 * LAST_WORD, ended).await);
}

/// Whether the peer gave up before it was accepted.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(error.kind(), Kind::ConnectionRefused | Kind::ConnectionAborted | Kind::ConnectionReset)
}

async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    place: Arc<Place>,
    mut stop: watch::Receiver<bool>,
) {
    let stopping = stop.clone();
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let refused = *stopping.borrow();
        let under_way = UnderWay::begin(&place, !refused);
        let (router, stop) = (router.clone(), stopping.clone());
        async move {
            let arrival = Arrival::default();
            let mut request: Request =
                request.map(|body| Body::new(Arriving { body, seen: arrival.clone() }));
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(Coming { is_late: refused, arrival, stop: stop.clone() });
            let mut response =
                router.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
            if *stop.borrow() {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(under_way.until_sent(response))
        }
    });
    let io = TokioIo::new(Stalled::new(stream));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let farewell = async {
        drop(stop.wait_for(|&stop| stop).await);
        if place.waits.load(Ordering::SeqCst) {
            sleep(FAREWELL).await;
        }
    };
    tokio::select! {
        // A peer that disconnects or is slow is not worth a log line.
        _ = connection.as_mut() => return,
        () = place.close.notified() => return,
        () = farewell => connection.as_mut().graceful_shutdown(),
    }
    let silent = async {
        loop {
            sleep(LAST_WORD).await;
            if place.waits.load(Ordering::SeqCst) {
                return;
            }
        }
    };
    tokio::select! {
        _ = connection => {}
        () = silent => {}
    }
}

/// All connections of a listener.
#[derive(Default)]
struct Connections {
    open: AtomicUsize,
    /// Requests being answered, not merely refused.
    answering: AtomicUsize,
    changed: Notify,
    next: AtomicU64,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    /// Idle ones, in the order in which they became idle.
    waiting: BTreeMap<u64, (Address, Arc<Notify>)>,
    /// How many each address has.
    of: HashMap<Address, usize>,
}

impl Table {
    fn close(&mut self, number: Option<u64>) -> bool {
        let closed = number.and_then(|number| self.waiting.remove(&number));
        if let Some((_, close)) = &closed {
            close.notify_one();
        }
        closed.is_some()
    }
}

impl Connections {
    fn table(&self) -> MutexGuard<'_, Table> {
        // It stays consistent even after a panic elsewhere.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an address may have another one: below `most`, or in place of its own that has been idle longest.
    fn admits(&self, address: Address, most: usize) -> bool {
        let mut table = self.table();
        if table.of.get(&address).is_none_or(|&open| open < most) {
            return true;
        }
        let oldest = table.waiting.iter().find(|(_, (of, _))| *of == address).map(|(number, _)| *number);
        table.close(oldest)
    }

    /// Closes the connection that has been idle longest, unless it is the only one: the newest may still send its
    /// request.
    fn close_oldest(&self) -> bool {
        let mut table = self.table();
        if table.waiting.len() < 2 {
            return false;
        }
        let oldest = table.waiting.keys().next().copied();
        table.close(oldest)
    }

    async fn make_room(&self, most: usize) {
        let has_room = |connections: &Self| connections.open.load(Ordering::SeqCst) <= most;
        while !has_room(self) {
            if self.close_oldest() {
                self.until(has_room).await;
            } else {
                self.until(|connections| has_room(connections) || connections.table().waiting.len() > 1)
                    .await;
            }
        }
    }

    /// Checks now and at every change.
    async fn until(&self, holds: impl Fn(&Self) -> bool) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if holds(self) {
                return;
            }
            changed.await;
        }
    }
}

/// A connection's registration.
struct Place {
    all: Arc<Connections>,
    address: Address,
    number: AtomicU64,
    waits: AtomicBool,
    close: Arc<Notify>,
}

impl Place {
    fn new(all: Arc<Connections>, address: Address) -> Self {
        all.open.fetch_add(1, Ordering::SeqCst);
        *all.table().of.entry(address).or_default() += 1;
        let (number, waits) = (AtomicU64::new(0), AtomicBool::new(false));
        let place = Self { all, address, number, waits, close: Arc::default() };
        place.wait();
        place
    }

    fn wait(&self) {
        let number = self.all.next.fetch_add(1, Ordering::Relaxed);
        self.number.store(number, Ordering::SeqCst);
        self.waits.store(true, Ordering::SeqCst);
        self.all.table().waiting.insert(number, (self.address, Arc::clone(&self.close)));
    }

    fn work(&self) {
        self.all.table().waiting.remove(&self.number.load(Ordering::SeqCst));
        self.waits.store(false, Ordering::SeqCst);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.work();
        if let Entry::Occupied(mut open) = self.all.table().of.entry(self.address) {
            *open.get_mut() -= 1;
            if *open.get() == 0 {
                open.remove();
            }
        }
        self.all.open.fetch_sub(1, Ordering::SeqCst);
        self.all.changed.notify_waiters();
    }
}

/// A request, from its head to the last byte of its response.
struct UnderWay {
    place: Arc<Place>,
    counts: bool,
}

impl UnderWay {
    fn begin(place: &Arc<Place>, counts: bool) -> Self {
        place.work();
        place.all.answering.fetch_add(usize::from(counts), Ordering::SeqCst);
        Self { place: Arc::clone(place), counts }
    }

    fn until_sent(self, response: Response) -> Response {
        response.map(|body| Body::new(Guarded { body, _under_way: self }))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.place.wait();
        self.place.all.answering.fetch_sub(usize::from(self.counts), Ordering::SeqCst);
        self.place.all.changed.notify_waiters();
    }
}

/// How far a request's body has come.
#[derive(Clone, Default)]
struct Arrival {
    frames: Arc<AtomicUsize>,
    waits: Arc<AtomicBool>,
}

impl Arrival {
    /// Ends when the next part of the body has been waited for too long.
    async fn stalls(&self) {
        loop {
            let before = self.frames.load(Ordering::SeqCst);
            sleep(PATIENCE).await;
            if self.waits.load(Ordering::SeqCst) && self.frames.load(Ordering::SeqCst) == before {
                return;
            }
        }
    }
}

/// A request's body, watched.
struct Arriving {
    body: Incoming,
    seen: Arrival,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.seen.waits.store(polled.is_pending(), Ordering::SeqCst);
        self.seen.frames.fetch_add(usize::from(polled.is_ready()), Ordering::SeqCst);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

struct Guarded {
    body: Body,
    _under_way: UnderWay,
}

impl HttpBody for Guarded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
