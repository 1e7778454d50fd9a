//! A TCP link with a round-trip time: every byte takes half of it in its direction, and a connection pays one whole
//! for its handshake. It does not lose packets and has no limit of bandwidth.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Pieces under way in one direction.
const WINDOW: usize = 1024;

/// Runs until the runtime ends; returns the port.
pub async fn start(upstream: u16, rtt: Duration) -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(async move {
                // A peer that went away ends its connection; there is nobody to tell.
                let _ = link(client, upstream, rtt).await;
            });
        }
    });
    Ok(port)
}

async fn link(client: TcpStream, upstream: u16, rtt: Duration) -> std::io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", upstream)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::try_join!(
        carry(from_client, to_server, rtt / 2, rtt),
        carry(from_server, to_client, rtt / 2, Duration::ZERO)
    )?;
    Ok(())
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    delay: Duration,
    handshake: Duration,
) -> std::io::Result<()> {
    let (sender, mut pieces) = mpsc::channel::<(Instant, Vec<u8>)>(WINDOW);
    let ready = Instant::now() + handshake;
    let read = async move {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let n = from.read(&mut buffer).await?;
            let due = Instant::now().max(ready) + delay;
            if n == 0 || sender.send((due, buffer[..n].to_vec())).await.is_err() {
                return Ok::<(), std::io::Error>(());
            }
        }
    };
    let write = async move {
        while let Some((due, piece)) = pieces.recv().await {
            sleep_until(due).await;
            to.write_all(&piece).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(read, write)?;
    Ok(())
}
