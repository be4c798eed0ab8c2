//! Figures for Prometheus.

use std::collections::BTreeSet;

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use touroku_server::http;
use tower::ServiceExt as _;

use crate::support::client::TestServer;

async fn figures(server: &TestServer) -> String {
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let response = http::metrics::router(server.app.clone()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status_and_no_address_is_told() {
    let server = TestServer::start();
    let mut client = server.client();
    for path in
        ["/api/clock", "/api/clock", "/api/agencies/aomori", "/api/agencies/himitsu", "/api/himitsu?q=1"]
    {
        client.send("GET", path, serde_json::Value::Null).await;
    }
    let text = figures(&server).await;
    let counted = |route: &str, status: u16, count: u64| {
        let line = format!(
            "touroku_http_requests_total{{method=\"GET\",route=\"{route}\",status=\"{status}\"}} {count}\n"
        );
        assert!(text.contains(&line), "{line}{text}");
    };
    counted("/api/clock", 200, 2);
    counted("/api/agencies/{code}", 200, 1);
    counted("/api/agencies/{code}", 404, 1);
    assert!(!text.contains("himitsu"), "{text}");
    assert!(text.contains("touroku_mails{state=\"queued\"} 0\n"));
}

#[tokio::test]
async fn every_line_is_one_that_prometheus_reads_and_no_series_comes_twice() {
    let server = TestServer::start();
    server.client().send("GET", "/api/clock", serde_json::Value::Null).await;
    let text = figures(&server).await;
    let mut series = BTreeSet::new();
    let mut family = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().unwrap();
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with(family) && name.ends_with('}'), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            assert!(series.insert(name), "{line} comes twice");
        }
    }
    assert!(series.len() > 10);
}

#[tokio::test]
async fn the_figures_are_not_on_the_public_address() {
    let server = TestServer::start();
    let reply = server.client().send("GET", "/metrics", serde_json::Value::Null).await;
    assert_eq!(reply.status.as_u16(), 404);
}

#[tokio::test]
async fn what_is_registered_is_counted_by_agency_and_names_nobody() {
    let server = TestServer::start();
    server.client().registered(&server.card(1)).await;
    let text = figures(&server).await;
    for line in ["touroku_companies{agency=\"aomori\"} 1\n", "touroku_cards{agency=\"aomori\"} 1\n"] {
        assert!(text.contains(line), "{line}{text}");
    }
    assert!(text.contains("touroku_applications_waiting{agency=\"aomori\"} 0\n"));
    assert!(!text.contains("990000001"), "{text}");
}
