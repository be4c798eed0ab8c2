//! Requests to other systems, at addresses that an agency's clients named: to public ones, and to hosts inside that the
//! operator named. An agency's administrators must not reach what only the server's network does (SSRF).

use std::{
    error::Error as _,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use openidconnect::url::{Host, Url};
use reqwest::{
    Client, RequestBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use tokio::time::timeout;

use crate::error::Error;

/// How long a name is looked up.
const LOOKUP: Duration = Duration::from_secs(5);

/// Names of hosts inside, as `server.toml` has them.
pub type Inside = Arc<[String]>;

/// The first pause after a failure, in milliseconds; it doubles.
const FIRST_PAUSE: i64 = 10_000;

/// The longest pause.
pub(crate) const LONGEST_PAUSE: i64 = 15 * 60_000;

/// Sends requests that follow no redirection.
#[derive(Clone)]
pub(crate) struct Sender {
    web: Client,
    inside: Inside,
}

impl Sender {
    /// Waits no longer than that.
    pub(crate) fn new(timeout: Duration, inside: &Inside) -> Result<Self, Error> {
        let resolver = Arc::new(Resolver { inside: Arc::clone(inside) });
        let builder = Client::builder().timeout(timeout).redirect(Policy::none()).dns_resolver(resolver);
        let web = builder.build().map_err(|_| Error::Defect("an HTTP client can be made"))?;
        Ok(Self { web, inside: Arc::clone(inside) })
    }

    pub(crate) fn post(&self, uri: &str) -> RequestBuilder {
        self.web.post(uri)
    }

    /// Whether a request arrived: any 2xx. Fails with the reason, which does not contain the address.
    pub(crate) async fn arrived(&self, request: RequestBuilder) -> Result<(), String> {
        let (web, request) = request.build_split();
        let request = request.map_err(|error| error.without_url().to_string())?;
        if !is_admitted(request.url(), &self.inside).await {
            return Err(NotPublic.to_string());
        }
        match web.execute(request).await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(answer.status().to_string()),
            Err(error) => {
                let error = error.without_url();
                let mut cause = error.source();
                while let Some(error) = cause.filter(|error| !error.is::<NotPublic>()) {
                    cause = error.source();
                }
                Err(cause.map_or_else(|| error.to_string(), ToString::to_string))
            }
        }
    }
}

/// The address is not public, and the operator has not named it.
#[derive(Debug)]
struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("内部のアドレスには送りません。送ってよいホストは、サーバーの運用の担当者がserver.tomlのoutgoing.internalに書きます")
    }
}

impl std::error::Error for NotPublic {}

/// Finds only addresses that may be sent to.
struct Resolver {
    inside: Inside,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let is_named = is_named(name.as_str(), &self.inside);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> =
                found.filter(|address| is_named || is_public(address.ip())).collect();
            if admitted.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

fn is_named(host: &str, inside: &Inside) -> bool {
    inside.iter().any(|named| named.eq_ignore_ascii_case(host))
}

/// Whether it may be sent there, as far as can be told beforehand: an address is never resolved, and a proxy resolves
/// names itself. What this server can't resolve either is for the proxy to decide.
async fn is_admitted(url: &Url, inside: &Inside) -> bool {
    let ip: IpAddr = match url.host() {
        Some(Host::Domain(name)) if is_named(name, inside) => return true,
        Some(Host::Domain(name)) => {
            return match timeout(LOOKUP, tokio::net::lookup_host((name, 0))).await {
                Ok(Ok(mut found)) => found.all(|address| is_public(address.ip())),
                Ok(Err(_)) | Err(_) => true,
            };
        }
        Some(Host::Ipv4(ip)) => ip.into(),
        Some(Host::Ipv6(ip)) => ip.into(),
        None => return false,
    };
    is_public(ip) || is_named(&ip.to_string(), inside)
}

/// Whether everybody on the Internet reaches the same there (the special-purpose registries of RFC 6890).
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [first, second, third, _] = ip.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    let is_of_protocols = (first, second, third) == (192, 0, 0);
    let is_for_benchmarks = first == 198 && matches!(second, 18 | 19);
    !(first == 0
        || first >= 224
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_documentation()
        || is_shared
        || is_of_protocols
        || is_for_benchmarks)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // An IPv4 address behind NAT64 (RFC 6052) or 6to4 (RFC 3056).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            is_public_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        // Global unicast is 2000::/3, without documentation (RFC 3849) and Teredo and its like (2001::/23).
        [0x2001, 0xdb8, ..] => false,
        [0x2001, second, ..] => second >= 0x200,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// How long to wait after that many failures and one, in milliseconds.
pub(crate) fn pause(attempts: u32) -> i64 {
    (FIRST_PAUSE << attempts.min(10)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    #[test]
    fn only_what_everybody_reaches_is_public() {
        for (ip, public) in [
            ("203.0.114.1", true),
            ("8.8.8.8", true),
            ("127.0.0.1", false),
            ("10.0.0.1", false),
            ("172.31.255.255", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("224.0.0.1", false),
            ("2400:4050::1", true),
            ("::1", false),
            ("::", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b::808:808", true),
            ("2002:a00:1::", false),
            ("fd00::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_public(ip.parse().unwrap()), public, "{ip}");
        }
    }

    #[tokio::test]
    async fn a_name_of_an_address_inside_is_refused_before_a_proxy_could_resolve_it() {
        let inside: Inside = ["bid.lan".to_owned()].into();
        for (url, admitted) in [
            ("https://localhost/", false),
            ("https://bid.lan/", true),
            ("https://no-such-host.invalid/", true),
            ("https://10.0.0.1/", false),
            ("https://8.8.8.8/", true),
        ] {
            assert_eq!(is_admitted(&url.parse().unwrap(), &inside).await, admitted, "{url}");
        }
    }

    #[tokio::test]
    async fn what_is_inside_is_sent_to_only_where_the_operator_named_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let mut heard = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                heard += 1;
                let mut head = [0; 512];
                assert!(stream.read(&mut head).await.unwrap() > 0);
                stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await.unwrap();
                if heard == 2 {
                    break;
                }
            }
            heard
        });
        let send = async |inside: &[&str], host: &str| {
            let inside: Inside = inside.iter().map(|host| (*host).to_owned()).collect();
            let sender = Sender::new(Duration::from_secs(5), &inside).unwrap();
            sender.arrived(sender.post(&format!("http://{host}:{port}/"))).await
        };
        for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
            let refused = send(&["bid.lan"], host).await.unwrap_err();
            assert!(refused.contains("outgoing.internal"), "{host}: {refused}");
        }
        assert_eq!(send(&["LOCALHOST"], "localhost").await, Ok(()));
        assert_eq!(send(&["127.0.0.1"], "127.0.0.1").await, Ok(()));
        assert_eq!(heard.await.unwrap(), 2);
    }
}
