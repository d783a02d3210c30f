//! Attack 74: requests that two readers would read otherwise, and headers without end, by raw sockets against the real server.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::*;

/// The site, listening on this machine until it is dropped.
struct Serveur(SocketAddr, CancellationToken);

impl Drop for Serveur {
    fn drop(&mut self) {
        self.1.cancel();
    }
}

async fn serveur(t: &TestSite) -> Serveur {
    let m = essai::mandats(t).await;
    let pile = platform::web::finish(&t.site, crate::routes(&m), Vec::new(), |r| r);
    let ecoute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (adresse, fin) = (ecoute.local_addr().unwrap(), CancellationToken::new());
    tokio::spawn(platform::web::serve(ecoute, pile.router, fin.clone()));
    Serveur(adresse, fin)
}

/// Everything that comes back, until the server closes or says nothing for a second.
async fn dit(s: &Serveur, octets: &[u8]) -> String {
    let mut flux = TcpStream::connect(s.0).await.unwrap();
    // A server that closes in the middle of what it refuses is right.
    let _ = flux.write_all(octets).await;
    let (mut lu, mut morceau) = (Vec::new(), [0; 4096]);
    while let Ok(Ok(n)) = tokio::time::timeout(Duration::from_secs(1), flux.read(&mut morceau)).await {
        if n == 0 {
            break;
        }
        lu.extend_from_slice(&morceau[..n]);
    }
    String::from_utf8_lossy(&lu).into_owned()
}

/// The status of each answer, in order.
fn statuts(dit: &str) -> Vec<u16> {
    dit.split("HTTP/1.1 ").skip(1).filter_map(|r| r.get(..3)?.parse().ok()).collect()
}

/// Behind it, a request that nobody sent.
const PASSAGER: &str = "GET /statistiques-mandats HTTP/1.1\r\nHost: localhost\r\n\r\n";

async fn un_honnete(s: &Serveur) {
    let lu = dit(s, b"GET /verifier HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    assert_eq!(statuts(&lu), [200], "the next honest request answers: {lu}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_74_a_request_ends_in_one_place() {
    let t = site().await;
    let s = serveur(&t).await;
    un_honnete(&s).await;
    let post = |entetes: &str, corps: &str| {
        format!(
            "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n{entetes}\r\n{corps}"
        )
    };
    let lignes = format!("Content-Length: {}\r\n", 5 + PASSAGER.len());
    for (quoi, octets) in [
        ("a length, then chunks", post(&format!("{lignes}Transfer-Encoding: chunked\r\n"), "0\r\n\r\n")),
        ("chunks, then a length", post(&format!("Transfer-Encoding: chunked\r\n{lignes}"), "0\r\n\r\n")),
        (
            "a short length beside chunks",
            post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "5c\r\nx\r\n0\r\n\r\n"),
        ),
        (
            "chunks said twice",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ),
        ("two lengths", post("Content-Length: 0\r\nContent-Length: 5\r\n", "")),
        ("two lengths in one", post("Content-Length: 0, 5\r\n", "")),
        ("a length with a sign", post("Content-Length: +0\r\n", "")),
        ("a length below nothing", post("Content-Length: -1\r\n", "")),
        ("a length without end", post("Content-Length: 99999999999999999999999\r\n", "")),
        ("chunks that are not last", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")),
        ("chunks of another name", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
        ("chunks behind a tab", post("Transfer-Encoding:\u{b}chunked\r\n", "0\r\n\r\n")),
        ("a chunk without end", post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n")),
        ("a blank before the colon", post("Content-Length : 0\r\n", "")),
        ("a folded line", post("X-Essai: a\r\n b\r\nContent-Length: 0\r\n", "")),
        ("a folded length", post("Content-Length:\r\n 0\r\n", "")),
        ("a line without a name", post(": x\r\nContent-Length: 0\r\n", "")),
        ("nothing in a name", post("X-\0: x\r\nContent-Length: 0\r\n", "")),
        (
            "chunks in HTTP/1.0",
            post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0"),
        ),
        ("a method that is none", "GE T / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()),
        ("a version that is none", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n".to_owned()),
    ] {
        let lu = dit(&s, format!("{octets}{PASSAGER}").as_bytes()).await;
        let rendus = statuts(&lu);
        // Refused or closed; and what stands behind is never answered.
        assert!(
            rendus.len() <= 1 && rendus.iter().all(|c| (400..500).contains(c)),
            "{quoi}: {rendus:?} {lu}"
        );
        assert!(!lu.contains("statistiques"), "{quoi}: {lu}");
        un_honnete(&s).await;
    }
    // A request in chunks and nothing else is taken, and its connection closed.
    let lu = dit(&s, format!("{}{PASSAGER}", post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n")).as_bytes())
        .await;
    assert_eq!(statuts(&lu).len(), 1, "{lu}");
    assert!(lu.to_lowercase().contains("connection: close"), "{lu}");
    // Two honest ones after each other are two.
    let lu = dit(&s, format!("{PASSAGER}{PASSAGER}").as_bytes()).await;
    assert_eq!(statuts(&lu), [200, 200], "{lu}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_74_headers_without_end() {
    let t = site().await;
    let s = serveur(&t).await;
    let longue = "x".repeat(1 << 20);
    let nombreux: String = (0..5_000).map(|n| format!("X-{n}: 1\r\n")).collect();
    for (quoi, octets) in [
        (
            "one header of a mebibyte",
            format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Essai: {longue}\r\n\r\n"),
        ),
        ("one name of a mebibyte", format!("GET / HTTP/1.1\r\nHost: localhost\r\n{longue}: x\r\n\r\n")),
        ("five thousand headers", format!("GET / HTTP/1.1\r\nHost: localhost\r\n{nombreux}\r\n")),
        ("an address of a mebibyte", format!("GET /{longue} HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        (
            "a cookie of a mebibyte",
            format!("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: a={longue}\r\n\r\n"),
        ),
    ] {
        let lu = dit(&s, octets.as_bytes()).await;
        let rendus = statuts(&lu);
        assert!(rendus.iter().all(|c| [400, 414, 431].contains(c)), "{quoi}: {rendus:?}");
        assert!(rendus.len() <= 1 && lu.len() < 100_000, "{quoi}");
        un_honnete(&s).await;
    }
    // Headers that never end hold up nobody else.
    let mut lents = Vec::new();
    for _ in 0..50 {
        let mut flux = TcpStream::connect(s.0).await.unwrap();
        flux.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Essai: ").await.unwrap();
        lents.push(flux);
    }
    un_honnete(&s).await;
}
