//! The README's picture of the tags pane: the real program in a terminal, drawn as SVG. `tests/picture.sh` makes it anew.
#![cfg(unix)]

use std::fmt::Write as _;

use crate::support::pty::Pty;
use crate::support::tree::root;

const PATH: &str = "assets/screenshots/tags.svg";
const COLUMNS: u16 = 120;
const ROWS: u16 = 34;
/// Pixels of a cell.
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 17.0;
const MARGIN: f32 = 10.0;

const PALETTE: [&str; 16] = [
    "#1d2229", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#7a828e", "#ff7b86",
    "#b5e890", "#ffd68a", "#7cc4ff", "#de9cf0", "#7fd7e0", "#ffffff",
];
const BACK: &str = PALETTE[0];
const FRONT: &str = PALETTE[7];

#[derive(Clone, PartialEq)]
struct Look {
    front: String,
    back: String,
    bold: bool,
    dim: bool,
    underline: bool,
}

fn colour(colour: vt100::Color, default: &str) -> String {
    match colour {
        vt100::Color::Default => default.to_owned(),
        vt100::Color::Idx(n @ 0..16) => PALETTE[usize::from(n)].to_owned(),
        vt100::Color::Idx(_) => default.to_owned(),
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}

fn look(cell: &vt100::Cell) -> Look {
    let (mut front, mut back) = (colour(cell.fgcolor(), FRONT), colour(cell.bgcolor(), BACK));
    if cell.inverse() {
        (front, back) = (back, front);
    }
    Look { front, back, bold: cell.bold(), dim: cell.dim(), underline: cell.underline() }
}

fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (f32::from(columns) * WIDTH + 2.0 * MARGIN, f32::from(rows) * HEIGHT + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-size=\"14\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\">\n\
         <title>tagboat: the tags of a repository</title>\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"6\" fill=\"{BACK}\" stroke=\"{}\"/>\n",
        width - 1.0,
        height - 1.0,
        PALETTE[8]
    );
    for y in 0..rows {
        let mut x = 0;
        while x < columns {
            let Some(first) = screen.cell(y, x) else { break };
            let (start, style) = (x, look(first));
            let mut text = String::new();
            while let Some(cell) = screen.cell(y, x).filter(|cell| look(cell) == style) {
                if !cell.is_wide_continuation() {
                    text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                }
                x += 1;
            }
            let text = if y == 0 { in_one_millisecond(&text) } else { text };
            run(&mut out, &text, start, x - start, y, &style);
        }
    }
    out + "</svg>\n"
}

/// How long the demo's answers take differs from run to run; the header says it at its right end.
fn in_one_millisecond(header: &str) -> String {
    let Some((place, rest)) = header.split_once("[rw] ") else { return header.to_owned() };
    let Some((_, rest)) = rest.split_once("ms ") else { return header.to_owned() };
    let right = format!("[rw] 1ms {rest}");
    let width = header.chars().count() - right.chars().count();
    format!("{:width$}{right}", place.trim_end())
}

/// Cells of one style beside each other.
fn run(out: &mut String, text: &str, x: u16, cells: u16, y: u16, style: &Look) {
    let (left, top) = (MARGIN + f32::from(x) * WIDTH, MARGIN + f32::from(y) * HEIGHT);
    let width = f32::from(cells) * WIDTH;
    if style.back != BACK {
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"{}\"/>",
            style.back
        );
    }
    let mut more = String::new();
    for (on, attribute) in [
        (style.bold, " font-weight=\"bold\""),
        (style.dim, " opacity=\"0.6\""),
        (style.underline, " text-decoration=\"underline\""),
    ] {
        more.push_str(if on { attribute } else { "" });
    }
    let cells: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < cells.len() {
        let start = left + at as f32 * WIDTH;
        if let Some(line) = drawn(cells[at], start, top) {
            let _ = writeln!(out, "<path d=\"{line}\" fill=\"none\" stroke=\"{}\"/>", style.front);
            at += 1;
            continue;
        }
        if cells[at] == ' ' {
            at += 1;
            continue;
        }
        // A word, or some with one space between them: whatever is wider apart is a column and has its own place.
        let rest = &cells[at..];
        let end = (1..rest.len())
            .find(|n| rest[*n..].starts_with(&[' ', ' ']) || drawn(rest[*n], 0.0, 0.0).is_some())
            .unwrap_or(rest.len());
        let word: String = rest[..end].iter().collect();
        let word = word.trim_end();
        let width = word.chars().count() as f32 * WIDTH;
        let word = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // The length is said, so that columns stay straight in whatever font the viewer has.
        let _ = writeln!(
            out,
            "<text x=\"{start:.1}\" y=\"{:.1}\" textLength=\"{width:.1}\" fill=\"{}\"{more}>{word}</text>",
            top + HEIGHT * 0.76,
            style.front
        );
        at += end;
    }
}

/// Lines and blocks are drawn, since those of a font leave gaps between the rows.
fn drawn(sign: char, x: f32, y: f32) -> Option<String> {
    let (middle, centre) = (x + WIDTH / 2.0, y + HEIGHT / 2.0);
    let (right, bottom) = (x + WIDTH, y + HEIGHT);
    let block = |from: f32, to: f32| {
        // A line as thick as the block is wide.
        (0..((to - from) as u8)).map(|n| format!("M{:.1} {y:.1}V{bottom:.1}", from + 0.5 + f32::from(n))).collect()
    };
    Some(match sign {
        '│' => format!("M{middle:.1} {y:.1}V{bottom:.1}"),
        '─' => format!("M{x:.1} {centre:.1}H{right:.1}"),
        '┌' => format!("M{right:.1} {centre:.1}H{middle:.1}V{bottom:.1}"),
        '┐' => format!("M{x:.1} {centre:.1}H{middle:.1}V{bottom:.1}"),
        '└' => format!("M{right:.1} {centre:.1}H{middle:.1}V{y:.1}"),
        '┘' => format!("M{x:.1} {centre:.1}H{middle:.1}V{y:.1}"),
        '█' => block(x, right),
        '▌' => block(x, middle),
        _ => return None,
    })
}

/// Tags of a repository of the demo, some of them marked, as a user would see them.
fn picture() -> String {
    let mut pty = Pty::start(&["demo"], COLUMNS, ROWS);
    pty.wait_for("demo-oci");
    pty.press("\r");
    pty.wait_for("complete: 66 names");
    pty.filter("checkout/api");
    pty.wait_for("1/66");
    pty.press("\r");
    pty.press("\r");
    pty.wait_for("complete: 63 tags");
    for _ in 0..5 {
        pty.press("j");
    }
    pty.press(" ");
    pty.press(" ");
    pty.wait_for("2 marked");
    // The preview follows the cursor when that rests.
    pty.wait_for("┐┌ v1.8.0 ");
    pty.wait_for("Labels");
    pty.with_screen(svg)
}

#[test]
fn the_readme_shows_the_real_program() {
    let made = picture();
    let words = ["team/checkout/api", "PLATFORMS", "amd64 arm64", "2 marked"];
    assert!(words.iter().all(|word| made.contains(word)), "{made}");
    assert!(made.starts_with("<svg ") && made.matches("<text").count() > 50);
    let path = root().join(PATH);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("it is in a directory")).expect("the directory");
        std::fs::write(&path, made).expect("the picture is written");
    }
    let kept = std::fs::read_to_string(&path).expect("run tests/picture.sh");
    assert!(words.iter().all(|word| kept.contains(word)), "{PATH} is out of date; run tests/picture.sh");
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    assert!(readme.contains(&format!("]({PATH})")), "README.md does not show {PATH}");
}
