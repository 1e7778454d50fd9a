//! The pure core: `update(&mut State, Msg) -> Vec<Effect>`. It knows no task, no socket, no screen and no clock; time
//! arrives in messages. `ui` draws a `State`, `runtime` performs the effects.

pub mod action;
pub mod arrange;
pub mod cache;
pub mod changing;
pub mod effect;
pub mod export;
pub mod filter_box;
pub mod fuzzy;
pub mod history;
pub mod job;
pub mod key;
pub mod keymap;
pub mod labels;
pub mod layer;
pub mod layout;
pub mod list;
pub mod modal;
pub mod msg;
pub mod pane;
pub mod protection;
pub mod state;
pub mod trial;
pub mod update;

pub use effect::Effect;
pub use msg::Msg;
pub use state::State;
pub use update::update;
