//! A web front on a free port over a real broker, and a browser without scripts: cookies, links, forms.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request, StatusCode, body::Bytes, header, http::response::Parts};
use hyper_util::rt::TokioIo;
use ostiary::{
    accounts::Destination,
    http::{self, Brand, HttpLimits, HttpSettings, Listener, Web},
    random::SeededRandom,
    text::Texts,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream, UnixStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use tokio_util::sync::CancellationToken;

use crate::support::broker::{House, Plan};

/// A running front.
pub struct Site {
    pub house: House,
    pub address: SocketAddr,
    pub cancel: CancellationToken,
    pub ended: JoinHandle<()>,
}

/// How a browser reaches the front.
#[derive(Clone)]
pub enum Way {
    Clear,
    Tls(TlsConnector),
    /// As a reverse proxy does.
    Unix(PathBuf),
}

/// Somebody's browser.
#[derive(Clone)]
pub struct Browser {
    address: SocketAddr,
    way: Way,
    pub cookies: BTreeMap<String, String>,
    /// Headers that it sends with everything.
    pub headers: Vec<(&'static str, String)>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Site {
    /// The usual front.
    pub async fn new() -> Self {
        Self::planned(Plan::default(), |_| {}).await
    }

    /// A front over a broker as planned, with settings changed.
    pub async fn planned(plan: Plan, change: impl FnOnce(&mut HttpSettings)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self::listening(plan, vec![listener.into()], address, change)
    }

    /// The same on listeners of the test's own.
    pub fn listening(
        plan: Plan,
        listeners: Vec<Listener>,
        address: SocketAddr,
        change: impl FnOnce(&mut HttpSettings),
    ) -> Self {
        let house = House::planned(plan);
        let mut settings = HttpSettings {
            destinations: vec![Destination::parse("https://app.example/signup").unwrap()],
            captcha_site: None,
            brand: Brand::default(),
            domain_brands: Vec::new(),
            base_url: format!("http://{address}/").parse().unwrap(),
            trusted_proxies: Vec::new(),
            service_name: "Chat Example".to_owned(),
            limits: HttpLimits::default(),
        };
        change(&mut settings);
        let texts = Arc::new(Texts::new());
        let random = Arc::new(SeededRandom::new(99));
        let web = Web::new(house.broker.clone(), texts, &house.keyring, random, settings);
        let cancel = CancellationToken::new();
        let ended = tokio::spawn(http::serve(listeners, web, cancel.clone()));
        Self { house, address, cancel, ended }
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser {
        Browser { address: self.address, way: Way::Clear, cookies: BTreeMap::new(), headers: Vec::new() }
    }
}

impl Browser {
    /// Adds a header that it sends with everything.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Reaches the front in another way.
    pub fn by(self, way: Way) -> Self {
        Self { way, ..self }
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    /// Posts fields, without having seen a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, Some(body)).await
    }

    /// Fills in the form of a page, keeps its hidden fields, and presses the first button.
    pub async fn submit(&mut self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let action = attribute(page.tag("<form "), "action").unwrap();
        self.submit_to(&action, page, fields).await
    }

    /// The same with a button that sends the form elsewhere.
    pub async fn submit_to(&mut self, path: &str, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let hidden = page.hidden();
        let mut all: Vec<(&str, &str)> = hidden.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        for &(name, _) in fields {
            assert!(page.body.contains(&format!("name=\"{name}\"")), "no field {name} in {}", page.body);
        }
        // A script fills in hidden ones.
        all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
        all.extend(fields);
        self.post(path, &all).await
    }

    /// Opens the page that an answer sends it to.
    pub async fn follow(&mut self, answer: &Answer) -> Answer {
        let path = answer.location().to_owned();
        self.get(&path).await
    }

    /// Sends one request on a connection of its own.
    pub async fn send(&mut self, method: &str, path: &str, body: Option<String>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        let says = |header: &str| self.headers.iter().any(|(name, _)| *name == header);
        if !says("host") {
            request = request.header(header::HOST, self.address.to_string());
        }
        if body.is_some() && !says("content-type") {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body.unwrap_or_default()))).unwrap();
        let answer = timeout(Duration::from_secs(20), self.exchange(request)).await.unwrap();
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Answer {
        if let Way::Unix(path) = &self.way {
            return exchange_on(UnixStream::connect(path).await.unwrap(), request).await;
        }
        let stream = TcpStream::connect(self.address).await.unwrap();
        match &self.way {
            Way::Tls(connector) => {
                let name = ServerName::try_from("accounts.example").unwrap();
                exchange_on(connector.connect(name, stream).await.unwrap(), request).await
            }
            _ => exchange_on(stream, request).await,
        }
    }
}

impl Answer {
    /// An answer that was read whole.
    pub fn of(head: Parts, body: &[u8]) -> Self {
        let body = String::from_utf8(body.to_vec()).unwrap();
        Self { status: head.status, headers: head.headers, body }
    }

    /// The hidden fields of its form.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let inputs = self.body.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap());
        inputs
            .filter(|tag| tag.contains("type=\"hidden\""))
            .map(|tag| (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap()))
            .collect()
    }

    /// The value of a hidden field.
    pub fn hidden_field(&self, name: &str) -> String {
        self.hidden().into_iter().find(|(key, _)| key == name).unwrap().1
    }

    /// The input of that name, from `<input` to `>`.
    pub fn input(&self, name: &str) -> &str {
        self.tag(&format!("<input id=\"{name}\" "))
    }

    /// The first tag that begins so.
    pub fn tag(&self, start: &str) -> &str {
        let (_, rest) = self.body.split_once(start).unwrap_or_else(|| panic!("no {start} in {}", self.body));
        rest.split('>').next().unwrap()
    }

    /// Where it sends the browser.
    pub fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header("location")
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }

    /// Fails unless the page shows `text`.
    pub fn assert_shows(&self, text: &str) {
        assert!(self.body.contains(text), "no {text:?} in {} {}", self.status, self.body);
    }
}

/// The value of an attribute, with the five references of HTML undone.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split('"').next()?;
    let references =
        [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&"), ("&amp;", "&")];
    Some(references.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to)))
}

async fn exchange_on(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Answer {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let driver = tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    driver.abort();
    Answer::of(head, &body)
}
