//! How a list is written: a table or plain names for people, JSON or CSV for scripts.

use std::io::{self, Write};

use super::Io;
use crate::cli::ListArgs;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    /// One document, when everything is there.
    Json,
    /// One object a line, as it becomes known.
    JsonLines,
    Csv,
}

impl Format {
    /// With JSON in any form a failure is written as JSON too.
    pub fn of(asked: &ListArgs, io: &mut Io<'_>) -> Self {
        let format = match (asked.jsonl, asked.csv, io.json) {
            (true, ..) => Self::JsonLines,
            (_, true, _) => Self::Csv,
            (.., true) => Self::Json,
            _ => Self::Text,
        };
        io.json = matches!(format, Self::Json | Self::JsonLines);
        format
    }

    /// Whether rows are written as they come.
    pub fn streams(self) -> bool {
        self != Self::Json
    }
}

/// One record as RFC 4180 writes it, except for the line feed: programs on Unix expect it alone.
pub fn csv<'a>(out: &mut dyn Write, cells: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
    for (number, cell) in cells.into_iter().enumerate() {
        if number > 0 {
            out.write_all(b",")?;
        }
        if cell.contains([',', '"', '\n', '\r']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn cells_that_need_it_are_quoted() {
        let mut out = Vec::new();
        super::csv(&mut out, ["a", "", "b c", "d,e", "f\"g"]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a,,b c,\"d,e\",\"f\"\"g\"\n");
    }
}
