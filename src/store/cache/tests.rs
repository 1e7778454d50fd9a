use std::os::unix::fs::MetadataExt as _;

use super::*;
use crate::domain::reference::{RepoName, TagName};

fn open(dir: &Path) -> Cache {
    Cache::open(dir, 64).unwrap().0
}

#[test]
fn content_comes_back_and_is_private() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (Digest::of(b"a"), Digest::parse(&format!("sha512:{}", "0".repeat(128))).unwrap());
    let cache = open(dir.path());
    cache.put(&a, "text/a", b"a");
    cache.put(&b, "text/b", b"not what the digest says");
    cache.put(&Digest::of(b"huge"), "x", &vec![0; LARGEST + 1]);
    drop(cache);
    let cache = open(dir.path());
    assert_eq!(cache.get(&a), Some((b"a".to_vec(), "text/a".into())));
    assert_eq!(cache.get(&b), None);
    for file in std::fs::read_dir(dir.path()).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().mode() & 0o777, 0o600);
    }
    assert!(cache.clear());
    assert_eq!(cache.get(&a), None);
    drop(cache);
    let left = std::fs::read(dir.path().join("cache.db")).unwrap();
    assert!(!left.windows(6).any(|part| part == b"text/a"));
}

/// What arrives faster than the disk takes it waits, up to a bound, and is gathered while it does.
#[test]
fn a_burst_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let contents: Vec<Vec<u8>> = (0..QUEUE).map(|n| n.to_string().into_bytes()).collect();
    let cache = open(dir.path());
    for bytes in &contents {
        cache.put(&Digest::of(bytes), "t", bytes);
    }
    drop(cache);
    let cache = open(dir.path());
    assert!(contents.iter().all(|bytes| cache.get(&Digest::of(bytes)).is_some()));
}

#[test]
fn changed_content_is_not_handed_out() {
    let dir = tempfile::tempdir().unwrap();
    let digest = Digest::of(b"a");
    let cache = open(dir.path());
    cache.put(&digest, "t", b"a");
    drop(cache);
    Connection::open(dir.path().join("cache.db")).unwrap().execute("UPDATE content SET bytes = x'00'", []).unwrap();
    assert_eq!(open(dir.path()).get(&digest), None);
}

#[test]
fn lists_belong_to_an_origin_and_an_account() {
    let dir = tempfile::tempdir().unwrap();
    let key = ListKey { origin: "https://r.example", account: "me" };
    let repository = RepoName::parse("team/app").unwrap();
    let tags = vec![(TagName::parse("1.0").unwrap(), None), (TagName::parse("latest").unwrap(), None)];
    let time = jiff::Timestamp::from_second(1_700_000_000).unwrap();
    let cache = open(dir.path());
    cache.save_tag_list(key, &repository, time, 2, tags.clone().into_iter());
    cache.save_catalog(key, time, 1, vec![repository.clone()].into_iter());
    drop(cache);
    let cache = open(dir.path());
    assert_eq!(cache.tag_list(key, &repository), Some((time, tags)));
    assert_eq!(cache.catalog(key), Some((time, vec![repository.clone()])));
    for other in [ListKey { account: "", ..key }, ListKey { origin: "http://r.example", ..key }] {
        assert_eq!((cache.tag_list(other, &repository), cache.catalog(other)), (None, None));
    }
}

#[test]
fn the_oldest_go_first() {
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::open(dir.path(), 1).unwrap().0;
    let blobs: Vec<Vec<u8>> = (0..300_u32).map(|n| n.to_le_bytes().repeat(2048)).collect();
    for bytes in &blobs {
        cache.put(&Digest::of(bytes), "t", bytes);
    }
    drop(cache);
    let cache = Cache::open(dir.path(), 1).unwrap().0;
    let kept: Vec<bool> = blobs.iter().map(|bytes| cache.get(&Digest::of(bytes)).is_some()).collect();
    assert!(!kept[0] && kept[299]);
    assert!(kept.iter().filter(|kept| **kept).count() * 8192 <= 1 << 20);
}

#[test]
fn a_broken_file_is_kept_and_a_new_one_begun() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cache.db");
    std::fs::write(&file, vec![7; 10_000]).unwrap();
    let (cache, said) = Cache::open(dir.path(), 1).unwrap();
    assert!(said.unwrap().as_str().contains(".bad-"));
    cache.put(&Digest::of(b"a"), "t", b"a");
    drop(cache);
    assert!(open(dir.path()).get(&Digest::of(b"a")).is_some());
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(Cache::open(dir.path(), 1).err().unwrap().as_str().contains("newer"));
    let other = tempfile::tempdir().unwrap();
    std::fs::create_dir(other.path().join("cache.db")).unwrap();
    assert!(Cache::open(other.path(), 1).is_err());
}

#[test]
fn a_file_that_turns_out_to_be_broken_makes_way_for_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cache.db");
    let cache = open(dir.path());
    cache.put(&Digest::of(b"a"), "t", b"a");
    drop(cache);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[4096..].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    let cache = open(dir.path());
    assert_eq!(cache.get(&Digest::of(b"a")), None);
    drop(cache);
    let names = || std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!file.exists() && names().any(|name| name.to_string_lossy().contains(".bad-")));
    let cache = open(dir.path());
    cache.put(&Digest::of(b"a"), "t", b"a");
    drop(cache);
    assert!(open(dir.path()).get(&Digest::of(b"a")).is_some());
}

#[test]
fn every_truncation_opens_or_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let cache = open(dir.path());
    cache.put(&Digest::of(b"a"), "t", b"a");
    drop(cache);
    let whole = std::fs::read(dir.path().join("cache.db")).unwrap();
    for end in (0..whole.len()).step_by(997) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("cache.db"), &whole[..end]).unwrap();
        if let Ok((cache, _)) = Cache::open(dir.path(), 1) {
            cache.put(&Digest::of(b"b"), "t", b"b");
            assert!(cache.get(&Digest::of(b"a")).is_none_or(|(bytes, _)| bytes == b"a"));
        }
    }
}

#[test]
fn reading_is_fast() {
    let dir = tempfile::tempdir().unwrap();
    let cache = open(dir.path());
    let digests: Vec<Digest> = (0..500_u32).map(|n| Digest::of(&n.to_le_bytes())).collect();
    for (n, digest) in (0..500_u32).zip(&digests) {
        cache.put(digest, "t", &n.to_le_bytes());
    }
    drop(cache);
    let cache = open(dir.path());
    let begun = std::time::Instant::now();
    for digest in digests.iter().cycle().take(5_000) {
        assert!(cache.get(digest).is_some());
    }
    // A debug build on a loaded machine; in release it is some microseconds a look.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
