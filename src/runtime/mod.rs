//! runtime

pub mod input;
pub mod signals;
pub mod terminal;
pub mod world;

/// How the interface starts.
pub struct Start {
    pub target: Option<String>,
    pub demo: Option<crate::demo::Running>,
    pub theme: Option<String>,
    pub ascii: bool,
    pub mouse: bool,
    pub slow: bool,
}

pub fn run(_world: world::World, _start: Start) -> anyhow::Result<u8> {
    Ok(0)
}
