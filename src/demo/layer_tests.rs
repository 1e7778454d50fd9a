use http_body_util::BodyExt as _;

use super::*;

/// The numbers of pieces in the table: every one up to 16, then eight in each doubling up to half a gigabyte.
fn ladder() -> Vec<u64> {
    let mut numbers: Vec<u64> = (1..=16).collect();
    let mut from = 16;
    while from < 2048 {
        numbers.extend((1..=8).map(|step| from + from / 8 * step));
        from *= 2;
    }
    numbers
}

fn text(pieces: u64, gzip: [u32; 8], tar: [u32; 8]) -> String {
    let hex = |state: [u32; 8]| state.iter().map(|word| format!("{word:08x}")).collect::<String>();
    format!("{pieces} {} {}\n", hex(gzip), hex(tar))
}

/// With `UPDATE_LAYERS=1` and `--nocapture` the table is printed.
#[test]
fn the_table_is_that_of_the_pieces() {
    let (tar, gzip) = (piece_tar(), piece());
    assert_eq!((tar.len(), gzip.len()), (PIECE_TAR, PIECE_GZIP));
    let (mut after_gzip, mut after_tar) = (START, START);
    let mut table = String::new();
    let mut wanted = ladder().into_iter().peekable();
    for pieces in 1.. {
        compress256(&mut after_gzip, gzip.as_chunks::<64>().0);
        compress256(&mut after_tar, tar.as_chunks::<64>().0);
        if wanted.next_if_eq(&pieces).is_some() {
            table += &text(pieces, after_gzip, after_tar);
        }
        if wanted.peek().is_none() {
            break;
        }
    }
    if std::env::var_os("UPDATE_LAYERS").is_some() {
        print!("{table}");
    }
    assert!(table == STATES, "layer_states.txt is not that of these pieces; UPDATE_LAYERS=1 prints what it should be");
}

async fn read(payload: Payload) -> Vec<u8> {
    payload.collect().await.expect("no fault in it").to_bytes().to_vec()
}

#[tokio::test]
async fn a_layer_has_the_digest_and_the_size_it_says() {
    for wanted in [0, 1, 300_000, 3_000_000, 5_250_000] {
        let layer = Layer::new("some layer", wanted);
        let said = layer.describe();
        let bytes = read(layer.part(0, layer.size())).await;
        assert_eq!((bytes.len() as u64, layer.size()), (said.size, said.size));
        assert_eq!(said.digest.matches(&bytes), Some(true), "{wanted}");
        let mut tar = piece_tar().repeat(usize::try_from(layer.pieces).unwrap());
        tar.extend(layer.end_tar());
        assert_eq!(said.diff_id.matches(&tar), Some(true), "{wanted}");
        let least = (wanted - wanted / 8).saturating_sub(270_000);
        assert!(said.size >= least && said.size < wanted + 4_000, "{wanted}: {}", said.size);
    }
}

#[tokio::test]
async fn parts_are_parts_of_the_whole() {
    let layer = Layer::new("cut up", 700_000);
    let size = layer.size();
    let whole = read(layer.part(0, size)).await;
    let piece = PIECE_GZIP as u64;
    for (start, end) in [(0, 1), (5, 70_000), (piece - 1, piece + 1), (piece, 2 * piece), (3, size), (size - 9, size)] {
        let part = read(layer.part(start, end)).await;
        let (start, end) = (usize::try_from(start).unwrap(), usize::try_from(end).unwrap());
        assert!(part == whole[start..end], "{start}..{end}");
    }
}

#[test]
fn names_make_the_difference() {
    let digest = |name: &str| Layer::new(name, 1 << 20).describe().digest;
    assert_eq!(digest("a"), digest("a"));
    assert_ne!(digest("a"), digest("b"));
    assert_eq!(finish(START, 0, b""), Digest::of(b""));
    for length in [55, 56, 63, 64, 119, 120] {
        let bytes = vec![b'x'; length];
        assert_eq!(finish(START, 0, &bytes), Digest::of(&bytes), "{length}");
    }
}

#[test]
fn an_archiver_reads_it() {
    let layer = Layer::new("for tar", 700_000);
    let mut bytes = piece().repeat(usize::try_from(layer.pieces).unwrap());
    bytes.extend(layer.end());
    let mut tar = std::process::Command::new("tar")
        .args(["-tzvf", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("tar is everywhere");
    let mut stdin = tar.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &bytes));
    let output = tar.wait_with_output().expect("an end");
    writer.join().expect("no panic").expect("all read");
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && listed.matches("usr/lib/piece").count() == 2, "{listed}");
    assert!(listed.contains("opt/"), "{listed}");
}
