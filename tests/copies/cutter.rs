//! A line to a registry that breaks in the middle of what is sent, so often, and holds from then on.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct Cutter {
    pub url: String,
    left: Arc<AtomicUsize>,
}

impl Cutter {
    /// In front of `http://…`; each of the first `times` connections ends after this many bytes to the registry.
    pub fn start(registry: &str, after: usize, times: usize) -> Self {
        let target = registry.strip_prefix("http://").expect("plain http").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let left = Arc::new(AtomicUsize::new(times));
        let counter = Arc::clone(&left);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (target, left) = (target.clone(), Arc::clone(&counter));
                std::thread::spawn(move || {
                    if let Ok(server) = TcpStream::connect(target) {
                        carry(client, server, after, &left);
                    }
                });
            }
        });
        Self { url, left }
    }

    pub fn cuts_left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }
}

fn carry(mut client: TcpStream, mut server: TcpStream, after: usize, left: &AtomicUsize) {
    let (Ok(mut from), Ok(mut to)) = (server.try_clone(), client.try_clone()) else { return };
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let (mut sent, mut piece) = (0, [0; 8192]);
    while let Ok(read @ 1..) = client.read(&mut piece) {
        if server.write_all(&piece[..read]).is_err() {
            break;
        }
        sent += read;
        let cuts = sent > after && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
        if cuts {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
    let _ = client.shutdown(Shutdown::Both);
}
