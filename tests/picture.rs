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
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{BACK}\"/>\n"
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
            run(&mut out, &text, start, x - start, y, &style);
        }
    }
    out + "</svg>\n"
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
    if text.trim().is_empty() {
        return;
    }
    let mut more = String::new();
    for (on, attribute) in [
        (style.bold, " font-weight=\"bold\""),
        (style.dim, " opacity=\"0.6\""),
        (style.underline, " text-decoration=\"underline\""),
    ] {
        more.push_str(if on { attribute } else { "" });
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // The length is said, so that columns stay straight in whatever font the viewer has.
    let _ = writeln!(
        out,
        "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{width:.1}\" xml:space=\"preserve\" fill=\"{}\"{more}>{text}</text>",
        top + HEIGHT * 0.76,
        style.front
    );
}

/// Tags of a repository of the demo, some of them marked, as a user would see them.
fn picture() -> String {
    let mut pty = Pty::start(&["demo"], COLUMNS, ROWS);
    pty.wait_for("demo-oci");
    pty.press("\r");
    pty.wait_for("complete: 66 names");
    pty.press("/");
    pty.press("checkout/api");
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
