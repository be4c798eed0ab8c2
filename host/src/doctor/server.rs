//! Whether the server is reachable. Only the connection is tried: no TLS and no page, which the browser checks
//! with its own certificates and its own proxy.

use std::{
    net::{TcpStream, ToSocketAddrs as _},
    time::Duration,
};

use touroku_proto::origin::Origin;

use super::{code::Code, finding::Finding};

/// Tries to connect within `patience` for each address.
pub(super) fn examine(server: &Origin, patience: Duration, findings: &mut Vec<Finding>) {
    let text = server.to_string();
    let finding = |code, why: String| Finding::new(code).because(format!("{text}: {why}"));
    let (scheme, authority) = text.split_once("://").unwrap_or(("https", &text));
    let default = if scheme == "http" { ":80" } else { ":443" };
    // An IPv6 address has colons of its own, in brackets.
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
    let address = if has_port { authority.to_owned() } else { format!("{authority}{default}") };
    let addresses: Vec<_> = match address.to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => return findings.push(finding(Code::ServerUnresolved, error.to_string())),
    };
    let mut last = "no address".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(&address, patience) {
            Ok(_) => return,
            Err(error) => last = format!("{address}: {error}"),
        }
    }
    findings.push(finding(Code::ServerUnreachable, last));
}
