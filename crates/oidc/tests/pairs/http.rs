//! HTTP between this test and its pairs on this machine, without a library: one request a connection.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use oidc::client::{Answer, Request};

/// A request that came in.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// What to answer.
pub(crate) struct Given {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Headers of a message, names in lower case; several values of one name are joined by a line break.
fn headers(reader: &mut impl BufRead) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { return found };
        let values = found.entry(name.to_ascii_lowercase()).or_default();
        if !values.is_empty() {
            values.push('\n');
        }
        values.push_str(value.trim());
    }
}

fn serve_one(stream: TcpStream, answer: &dyn Fn(&Asked) -> Given) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let headers = headers(&mut reader);
    let length = headers.get("content-length").map_or(0, |l| l.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let asked = Asked { method, path: path.to_owned(), query: query.to_owned(), headers, body };
    let given = answer(&asked);
    let mut out = format!(
        "HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n",
        given.status,
        given.body.len()
    );
    for (name, value) in given.headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    let _ = write!(reader.get_mut(), "{out}\r\n{}", given.body);
}

/// Serves on that listener until the test ends.
pub(crate) fn serve(listener: TcpListener, answer: Arc<dyn Fn(&Asked) -> Given + Send + Sync>) {
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || serve_one(stream, answer.as_ref()));
        }
    });
}

/// A browser, or a server that fetches: no redirection is followed.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn send(&mut self, method: &str, url: &str, given: &[(&str, &str)], body: &str) -> (Answer, String) {
        let url = url::Url::parse(url).unwrap();
        let at = (url.host_str().unwrap(), url.port().unwrap());
        let mut stream = TcpStream::connect(at).unwrap();
        let target = url.query().map_or(url.path().to_owned(), |q| format!("{}?{q}", url.path()));
        // In the first version of the protocol an answer is never cut into chunks.
        let mut out = format!("{method} {target} HTTP/1.0\r\nhost: {}:{}\r\n", at.0, at.1);
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let length = body.len().to_string();
        let cookies = cookies.join("; ");
        for (name, value) in given.iter().chain(&[("cookie", cookies.as_str()), ("content-length", &length)])
        {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        write!(stream, "{out}\r\n{body}").unwrap();
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let headers = headers(&mut reader);
        for cookie in headers.get("set-cookie").into_iter().flat_map(|all| all.lines()) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let mut body = Vec::new();
        reader.read_to_end(&mut body).unwrap();
        let answer = Answer { status, content_type: headers.get("content-type").cloned(), body };
        (answer, headers.get("location").cloned().unwrap_or_default())
    }

    /// A page: the answer, and where it redirects to.
    pub(crate) fn get(&mut self, url: &str) -> (Answer, String) {
        self.send("GET", url, &[], "")
    }
}

/// Fetches what a server asks for.
pub(crate) fn fetch(request: &Request) -> Answer {
    let headers: Vec<(&str, &str)> = request.headers.iter().map(|(k, v)| (*k, v.expose())).collect();
    let body = request.body.as_ref().map_or("", |b| b.expose());
    Browser::default().send(request.method, &request.url, &headers, body).0
}
