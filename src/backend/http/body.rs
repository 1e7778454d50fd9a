//! Reading a body to its end, or stopping: caps on decoded bytes, deadlines, and the length that was announced
//! (safety.md C4, D1, D2, D6).

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use tokio::time::timeout;

use super::fault::{self, Fault};
use super::limits;
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
        let chunk = match timeout(limits::IDLE, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => break,
            _ if excess == Excess::Cut => break,
            Ok(Err(error)) => return Err(fault::of(error, host, None)),
            Err(_) => {
                return Err(Fault::last(Error::new(
                    ErrorKind::Timeout,
                    format!("{host} stopped sending in the middle of an answer"),
                )));
            }
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
    let short = announced.is_some_and(|length| length != body.len() as u64);
    if short && excess == Excess::Refuse {
        return Err(Fault::last(Error::new(
            ErrorKind::BadAnswer,
            format!("{host} announced {} bytes and sent {}", announced.unwrap_or_default(), body.len()),
        )));
    }
    Ok(body.freeze())
}

/// The length of the decoded body, where it is known before.
fn announced(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

fn too_large(host: &str, cap: u64) -> Fault {
    let cap = if cap >= limits::MIB { format!("{} MiB", cap / limits::MIB) } else { format!("{cap} bytes") };
    Fault::last(Error::new(
        ErrorKind::BadAnswer,
        format!("{host} sent more than the {cap} this kind of answer may have"),
    ))
}
