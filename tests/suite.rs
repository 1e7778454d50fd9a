mod support {
    pub mod pty;
}
mod terminal;
