//! Columns of text.

use std::io::{self, Write};

use crate::domain::text::width;

/// Rows below a heading, as wide as the widest cell; nothing is cut, since scripts read it too.
pub fn write(out: &mut dyn Write, heading: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let mut widths: Vec<usize> = heading.iter().map(|cell| width(cell)).collect();
    for row in rows {
        for (cell, widest) in row.iter().zip(&mut widths) {
            *widest = (*widest).max(width(cell));
        }
    }
    line(out, &widths, heading)?;
    for row in rows {
        line(out, &widths, row)?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, widths: &[usize], cells: &[impl AsRef<str>]) -> io::Result<()> {
    for (number, (cell, widest)) in cells.iter().zip(widths).enumerate() {
        let cell = cell.as_ref();
        out.write_all(cell.as_bytes())?;
        if number + 1 < cells.len() {
            let gap = widest.saturating_sub(width(cell)) + 2;
            write!(out, "{:gap$}", "")?;
        }
    }
    out.write_all(b"\n")
}
