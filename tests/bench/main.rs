//! `cargo bench`: what must be fast with long lists. Absolute times differ from machine to machine; compare within one.

mod draw;
mod lists;
mod parse;
mod plan;

fn main() {
    divan::main();
}
