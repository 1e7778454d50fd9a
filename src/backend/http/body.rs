//! Reading a body to its end, or stopping: caps on decoded bytes, deadlines, and the length that was announced
//! (safety.md C4, D1, D2, D6).

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use tokio::time::{Instant, timeout};

use super::fault::{self, Fault};
use super::limits;
use super::tap::{Piece, Tap};
use crate::backend::error::Error;
use crate::domain::error::ErrorKind;

/// What to do when a body is larger than its cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    Refuse,
    /// An error text is shown in part anyway; a broken one must not hide the status.
    Cut,
}

pub async fn read(mut response: Response, cap: u64, excess: Excess, host: &str) -> Result<Bytes, Fault> {
    let announced = announced(response.headers());
    if excess == Excess::Refuse && announced.is_some_and(|length| length > cap) {
        return Err(too_large(host, cap));
    }
    let mut body = BytesMut::new();
    loop {
        let chunk = match next(&mut response, host).await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(_) if excess == Excess::Cut => break,
            Err(fault) => return Err(fault),
        };
        if (body.len() + chunk.len()) as u64 > cap {
            if excess == Excess::Refuse {
                return Err(too_large(host, cap));
            }
            let room = usize::try_from(cap).unwrap_or(usize::MAX).saturating_sub(body.len());
            body.extend_from_slice(&chunk[..room.min(chunk.len())]);
            break;
        }
        body.extend_from_slice(&chunk);
    }
    if excess == Excess::Refuse {
        is_whole(announced, body.len() as u64, host)?;
    }
    Ok(body.freeze())
}

/// Hands the pieces on as they come, under the same rules.
pub async fn pass_on(mut response: Response, cap: u64, tap: &Tap, host: &str) -> Result<(), Fault> {
    let (announced, status) = (announced(response.headers()), response.status().as_u16());
    if announced.is_some_and(|length| length > cap) {
        return Err(too_large(host, cap));
    }
    let given_up = || Fault::last(Error::new(ErrorKind::Cancelled, "nobody reads this answer any more"));
    if !tap.pass(Piece::Begin { status }).await {
        return Err(given_up());
    }
    let (mut length, mut waited) = (0, Duration::ZERO);
    loop {
        let asked = Instant::now();
        let Some(chunk) = next(&mut response, host).await? else { break };
        waited += asked.elapsed();
        length += chunk.len() as u64;
        if is_drip(length, waited) {
            let what = format!("{host} sends so slowly that it would never end");
            return Err(Fault::last(Error::new(ErrorKind::Timeout, what)));
        }
        if length > cap {
            return Err(too_large(host, cap));
        }
        if !tap.pass(Piece::Bytes(chunk)).await {
            return Err(given_up());
        }
    }
    is_whole(announced, length, host)
}

/// Waiting for the reader is not counted: it is the server that sends too little.
fn is_drip(length: u64, waited: Duration) -> bool {
    waited > limits::RATE_AFTER && length < waited.as_secs() * limits::RATE_LEAST
}

async fn next(response: &mut Response, host: &str) -> Result<Option<Bytes>, Fault> {
    match timeout(limits::IDLE, response.chunk()).await {
        Ok(chunk) => chunk.map_err(|error| fault::of(error, host, None)),
        Err(_) => Err(Fault::last(Error::new(
            ErrorKind::Timeout,
            format!("{host} stopped sending in the middle of an answer"),
        ))),
    }
}

fn is_whole(announced: Option<u64>, length: u64, host: &str) -> Result<(), Fault> {
    match announced {
        Some(announced) if announced != length => Err(Fault::last(Error::new(
            ErrorKind::BadAnswer,
            format!("{host} announced {announced} bytes and sent {length}"),
        ))),
        _ => Ok(()),
    }
}

/// The length of the decoded body, where it is known before.
fn announced(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

fn too_large(host: &str, cap: u64) -> Fault {
    let most = if cap >= limits::MIB { format!("{} MiB", cap / limits::MIB) } else { format!("{cap} bytes") };
    let what = format!("{host} sent more than the {most} this kind of answer may have");
    Fault::last(Error { over_cap: cap > limits::TOKEN_ANSWER, ..Error::new(ErrorKind::BadAnswer, what) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drip_is_told_from_a_slow_line() {
        let (after, rate) = (limits::RATE_AFTER, limits::RATE_LEAST);
        let second = Duration::from_secs(1);
        assert!(!is_drip(1, after), "at first anything goes");
        let long = after + second;
        assert!(is_drip(long.as_secs() * rate - 1, long));
        assert!(!is_drip(long.as_secs() * rate, long));
    }
}
