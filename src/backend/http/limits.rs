//! Every cap and deadline of the program's network side, in one place (safety.md D; oci-distribution.md §2, §13).

use std::time::Duration;

pub const KIB: u64 = 1024;
pub const MIB: u64 = 1024 * KIB;

// What may come back.
pub const PING: u64 = 64 * KIB;
pub const MANIFEST: u64 = 4 * MIB;
pub const CONFIG: u64 = 4 * MIB;
/// A manifest or a config that somebody asked for in spite of its size (oci-distribution.md §5.5).
pub const LARGE: u64 = 32 * MIB;
pub const LIST_PAGE: u64 = 16 * MIB;
/// distribution 2.8 ignores `n` for tags and answers everything at once (oci-distribution.md §4.2).
pub const TAGS_PAGE: u64 = 64 * MIB;
pub const LIST_ENTRIES: usize = 1_000_000;
pub const LIST_PAGES: usize = 10_000;
pub const LIST_BYTES: u64 = 256 * MIB;
/// For all pages of a list together, each of which has its own deadline: a million names in pages of a thousand at
/// half a second each, and as much again.
pub const LIST_TIME: Duration = Duration::from_secs(20 * 60);
pub const TOKEN_ANSWER: u64 = 64 * KIB;
pub const TOKEN: usize = 32 * 1024;
pub const ERROR_BODY: u64 = 64 * KIB;
pub const ERROR_TEXT: usize = 500;
pub const HEADERS: usize = 64 * 1024;
pub const HEADER: usize = 8 * 1024;
/// A redirect's body is read only if it is this small, to keep the connection.
pub const REDIRECT_BODY: u64 = 16 * KIB;

// What may be parsed.
/// A longer string in a JSON document counts as none.
pub const JSON_STRING: usize = 1024 * 1024;
/// Values of a manifest or a config above the usual size: a value costs far more memory than its two bytes.
pub const LARGE_VALUES: usize = 100_000;
pub const CHALLENGES: usize = 16;
pub const CHALLENGE_VALUE: usize = 4 * 1024;
pub const LINK: usize = 8 * 1024;
pub const REALM: usize = 2 * 1024;
pub const URL: usize = 16 * 1024;
pub const WARNING: usize = 4 * 1024;
/// Different texts of one registry that are told.
pub const NOTICES: usize = 16;
pub const TOKENS_KEPT: usize = 1024;

// How long things may take.
pub const CONNECT: Duration = Duration::from_secs(10);
pub const FIRST_BYTE: Duration = Duration::from_secs(30);
/// A catalogue walk is slow on object storage.
pub const FIRST_BYTE_LIST: Duration = Duration::from_secs(60);
/// A delete may have to look through a whole repository, and an upload be moved to its place.
pub const FIRST_BYTE_WRITE: Duration = Duration::from_secs(60);
/// Retries included. What stands still ends long before (`IDLE`).
pub const LAYER_TIME: Duration = Duration::from_secs(24 * 3600);
/// From when on a body has to come at this many bytes a second on average.
pub const RATE_AFTER: Duration = Duration::from_secs(60);
pub const RATE_LEAST: u64 = KIB;
pub const IDLE: Duration = Duration::from_secs(20);
pub const TOTAL: Duration = Duration::from_secs(120);
/// For asking what a registry can do. That is worth little, and `registries` waits for it.
pub const EXPLORE: Duration = Duration::from_secs(5);
/// Below the idle limits of common load balancers.
pub const POOL_IDLE: Duration = Duration::from_secs(50);

// Tokens.
pub const TOKEN_LIFE_LEAST: Duration = Duration::from_secs(60);
/// A server that promises more is not believed: tokens are cheap, and the arithmetic stays in range.
pub const TOKEN_LIFE_MOST: Duration = Duration::from_secs(24 * 3600);
pub const TOKEN_MARGIN: Duration = Duration::from_secs(10);

// Following and trying again.
pub const REDIRECTS: usize = 5;
pub const TRIES: u32 = 4;
pub const TRIES_LIMITED: u32 = 5;
pub const BACKOFF_BASE: Duration = Duration::from_millis(500);
pub const BACKOFF_CAP: Duration = Duration::from_secs(30);
pub const RETRY_AFTER: Duration = Duration::from_secs(60);

// How much at once.
pub const FLIGHT_START: usize = 8;
pub const FLIGHT_HTTP1: usize = 64;
pub const FLIGHT_HTTP2: usize = 128;
/// Where the server counts requests, speed only spends the allowance sooner.
pub const FLIGHT_COUNTED: usize = 3;
pub const LATENCY_WINDOW: usize = 16;
pub const LATENCY_FACTOR: u32 = 3;
pub const LATENCY_SLACK: Duration = Duration::from_millis(100);
