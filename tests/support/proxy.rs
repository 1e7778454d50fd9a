//! A proxy on loopback that keeps what it was asked, and knows where names lead.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::listener::{Seen, answer, read};

#[derive(Clone, Default)]
pub struct Rules {
    /// `host:port` and where that is.
    pub routes: Vec<(String, SocketAddr)>,
    /// The `Proxy-Authorization` it wants.
    pub password: Option<String>,
}

pub struct Proxy {
    pub address: SocketAddr,
    log: Arc<Mutex<Vec<Seen>>>,
}

impl Proxy {
    pub fn start(rules: Rules) -> Self {
        let (address, log) = listen(rules, serve);
        Self { address, log }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.log.lock().expect("the log").clone()
    }
}

type Serve<T> = fn(TcpStream, &Mutex<Vec<T>>, &Rules) -> io::Result<()>;

/// Where it listens, and what has been asked of it.
fn listen<T: Send + 'static>(rules: Rules, serve: Serve<T>) -> (SocketAddr, Arc<Mutex<Vec<T>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    let log: Arc<Mutex<Vec<T>>> = Arc::default();
    let kept = Arc::clone(&log);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (kept, rules) = (Arc::clone(&kept), rules.clone());
            // A client that goes away is no fault of the test.
            std::thread::spawn(move || drop(serve(stream, &kept, &rules)));
        }
    });
    (address, log)
}

fn serve(mut client: TcpStream, log: &Mutex<Vec<Seen>>, rules: &Rules) -> io::Result<()> {
    let Some(seen) = read(&mut client) else { return Ok(()) };
    log.lock().expect("the log").push(seen.clone());
    if rules.password.is_some() && seen.header("proxy-authorization") != rules.password.as_deref() {
        return client.write_all(&answer(407, &[("proxy-authenticate", "Basic realm=\"p\"")], ""));
    }
    let target = seen.line.split(' ').nth(1).unwrap_or_default();
    let tunnel = seen.line.starts_with("CONNECT ");
    let whole = if tunnel { format!("https://{target}") } else { target.to_owned() };
    let url = url::Url::parse(&whole).expect("an absolute address");
    let place = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    let Some((_, address)) = rules.routes.iter().find(|(name, _)| *name == place) else {
        return client.write_all(&answer(403, &[], "not through here"));
    };
    let mut server = TcpStream::connect(address)?;
    if tunnel {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    } else {
        let mut head = format!("GET {} HTTP/1.1\r\n", &url[url::Position::BeforePath..]);
        for (name, value) in seen.headers.iter().filter(|(name, _)| !name.starts_with("proxy-")) {
            head += &format!("{name}: {value}\r\n");
        }
        server.write_all((head + "\r\n").as_bytes())?;
    }
    join(client, server)
}

/// Carries what either says to the other, until both have ended.
fn join(mut client: TcpStream, mut server: TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Write)
}

/// The same with SOCKS 5 (RFC 1928), for names only.
pub struct Socks {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Socks {
    pub fn start(rules: Rules) -> Self {
        let (address, asked) = listen(rules, socks);
        Self { address, asked }
    }

    /// `host:port` of each request.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the log").clone()
    }
}

fn socks(mut client: TcpStream, asked: &Mutex<Vec<String>>, rules: &Rules) -> io::Result<()> {
    let [_version, methods] = take(&mut client)?;
    client.read_exact(&mut vec![0; usize::from(methods)])?;
    client.write_all(&[5, 0])?;
    let [_version, _connect, _reserved, kind] = take(&mut client)?;
    if kind != 3 {
        asked.lock().expect("the log").push("an address".to_owned());
        return Ok(());
    }
    let [length] = take(&mut client)?;
    let mut name = vec![0; usize::from(length)];
    client.read_exact(&mut name)?;
    let place = format!("{}:{}", String::from_utf8_lossy(&name), u16::from_be_bytes(take(&mut client)?));
    asked.lock().expect("the log").push(place.clone());
    let Some((_, address)) = rules.routes.iter().find(|(name, _)| *name == place) else { return Ok(()) };
    let server = TcpStream::connect(address)?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    join(client, server)
}

fn take<const N: usize>(from: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
