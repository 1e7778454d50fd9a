//! Copying and saving, from the key to what leaves the core.

use super::fixture::{self, Words};
use super::theme::Theme;
use crate::app::effect::Effect;
use crate::app::modal::file_form::NotSaved;
use crate::app::msg::Msg;
use crate::app::state::{State, Tone};
use crate::app::update::update;
use crate::domain::clean::Clean;

fn tags() -> State {
    fixture::state(2, 120, 36, fixture::looks("mono", true))
}

fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    keys.split(' ').flat_map(|key| update(state, Msg::Key(key.parse().unwrap()))).collect()
}

fn screen(state: &State) -> String {
    let buffer = fixture::draw(state, &Theme::of(&state.looks));
    let width = usize::from(buffer.area.width);
    buffer.content.chunks(width).map(|row| row.iter().map(|c| c.symbol()).collect::<String>() + "\n").collect()
}

fn copied(effects: &[Effect]) -> &str {
    let [Effect::Copy(text)] = effects else { panic!("nothing copied: {effects:?}") };
    text
}

#[test]
fn each_letter_copies_what_the_menu_shows() {
    let base = "lab.example.com/team/checkout/api";
    for (key, wanted) in [
        ("y", format!("{base}:v1.0.0")),
        ("p", format!("docker pull {base}:v1.0.0")),
        ("t", "v1.0.0".to_owned()),
        ("enter", format!("{base}:v1.0.0")),
    ] {
        let mut state = tags();
        assert!(press(&mut state, "y").is_empty());
        assert!(screen(&state).contains(&wanted), "{}", screen(&state));
        assert_eq!(copied(&press(&mut state, key)), wanted);
        assert_eq!(state.notice.unwrap().text.to_string(), format!("Sent to the terminal's clipboard: {wanted}"));
    }
    let mut state = tags();
    let effects = press(&mut state, "y d");
    assert!(copied(&effects).starts_with(&format!("{base}@sha256:")), "{effects:?}");
    let effects = press(&mut state, "y j");
    let value: serde_json::Value = serde_json::from_str(copied(&effects)).unwrap();
    assert_eq!(value["reference"], format!("{base}:v1.0.0"));
}

#[test]
fn marks_are_copied_one_a_line_and_what_is_missing_is_said() {
    let mut state = tags();
    press(&mut state, "a");
    let effects = press(&mut state, "y t");
    let lines = copied(&effects).lines().count();
    assert_eq!(lines, state.pane().marks.len());
    let effects = press(&mut state, "y d");
    // Two of the tags have no digest: one is dangling, one was refused.
    assert_eq!(copied(&effects).lines().count(), lines - 2);
    let said = state.notice.as_ref().unwrap().text.to_string();
    assert!(said.contains("2 left out"), "{said}");
    let effects = press(&mut state, "y j");
    let value: serde_json::Value = serde_json::from_str(copied(&effects)).unwrap();
    assert_eq!(value.as_array().unwrap().len(), lines);
}

#[test]
fn too_much_for_a_clipboard_is_not_sent_and_said() {
    let words = Words { prose: "long ".repeat(15_000), ..Words::default() };
    let mut state = fixture::with(3, 120, 36, fixture::looks("mono", true), &words);
    // Clean texts are cut at 4,096 characters, so the menu cannot be too long; a hundred thousand marks can.
    press(&mut state, "y");
    let Some(crate::app::modal::Modal::Copy(menu)) = state.modals.last_mut() else { panic!("no menu") };
    menu.entries[0].text = "x\n".repeat(40_000);
    menu.entries[0].lines = 40_000;
    assert!(press(&mut state, "enter").is_empty());
    let notice = state.notice.unwrap();
    assert_eq!(notice.tone, Tone::Bad);
    assert!(notice.text.as_str().contains("40,000 lines are 80,000 bytes"), "{}", notice.text);
}

#[test]
fn on_an_image_the_value_under_the_cursor_comes_first() {
    let mut state = fixture::state(3, 120, 36, fixture::looks("mono", true));
    assert_eq!(copied(&press(&mut state, "1 y enter")).len(), "sha256:".len() + 64);
    assert_eq!(copied(&press(&mut state, "4 j y v")), "CMD [\"bash\"]");
}

#[test]
fn a_list_is_saved_and_no_file_is_lost() {
    let mut state = tags();
    press(&mut state, "o");
    let shown = screen(&state);
    assert!(shown.contains("lab-team-checkout-api-tags.json") && shown.contains("42 tags"), "{shown}");
    // CSV, and the name follows.
    press(&mut state, "backtab right tab tab");
    assert!(screen(&state).contains("lab-team-checkout-api-tags.csv"), "{}", screen(&state));
    let effects = press(&mut state, "enter");
    let [Effect::SaveList { path, replace: false, export }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(path, "lab-team-checkout-api-tags.csv");
    assert_eq!(export.render().lines().count(), 43);
    // Twice is once.
    assert!(press(&mut state, "enter").is_empty());
    let exists = NotSaved { why: Clean::fixed("it exists already"), exists: true };
    update(&mut state, Msg::Saved(Err(exists)));
    assert!(screen(&state).contains("it exists already") && screen(&state).contains("[ Replace the file ]"));
    // Another name is another file: that one was not agreed to.
    press(&mut state, "backtab x");
    assert!(screen(&state).contains("[ Save ]"));
    press(&mut state, "backspace tab");
    let effects = press(&mut state, "enter");
    assert!(matches!(&effects[..], [Effect::SaveList { replace: false, .. }]), "{effects:?}");
    let exists = NotSaved { why: Clean::fixed("it exists already"), exists: true };
    update(&mut state, Msg::Saved(Err(exists)));
    let effects = press(&mut state, "enter");
    assert!(matches!(&effects[..], [Effect::SaveList { replace: true, .. }]), "{effects:?}");
    update(&mut state, Msg::Saved(Ok(Clean::fixed("Saved 42 rows"))));
    assert!(state.modals.is_empty());
}

#[test]
fn marks_are_saved_and_nothing_else() {
    let mut state = tags();
    press(&mut state, "space space space o");
    assert!(screen(&state).contains("3 marked tags"), "{}", screen(&state));
    let effects = press(&mut state, "tab enter");
    let [Effect::SaveList { export, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(export.len(), 3);
}

#[test]
fn commands_are_typed_with_what_they_are_about() {
    let type_in = |state: &mut State, text: &str| {
        let keys: Vec<String> =
            text.chars().map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() }).collect();
        press(state, &keys.join(" "))
    };
    let mut state = tags();
    press(&mut state, ":");
    assert!(
        screen(&state).contains("Also, typed: go team/web   sort age   theme mono   mouse on"),
        "{}",
        screen(&state)
    );
    type_in(&mut state, "sort a");
    let shown = screen(&state);
    assert!(
        shown.contains(" sort age ") && shown.contains(" sort age reverse ") && !shown.contains("sort size"),
        "{shown}"
    );
    press(&mut state, "down enter");
    let sort = state.pane().list.sort;
    assert!(state.modals.is_empty() && sort.column == crate::app::list::Column::Age && sort.reverse);
    press(&mut state, ":");
    type_in(&mut state, "theme da");
    let effects = press(&mut state, "enter");
    assert!(matches!(&effects[..], [Effect::ApplyLooks]) && state.looks.theme == "dark", "{effects:?}");
    press(&mut state, ":");
    type_in(&mut state, "mouse ");
    let effects = press(&mut state, "enter");
    assert!(matches!(&effects[..], [Effect::SetMouse(true)]) && state.looks.mouse, "{effects:?}");
    press(&mut state, ":");
    type_in(&mut state, "go team/search/ind");
    press(&mut state, "tab");
    assert!(screen(&state).contains(": go team/search/indexer"), "{}", screen(&state));
    press(&mut state, "enter");
    let crate::app::pane::Place::Tags(_, repo) = &state.pane().place else { panic!("{:?}", state.pane().place) };
    assert_eq!(repo.to_string(), "team/search/indexer");
    // Where there is no such word, the actions are what is left.
    press(&mut state, ":");
    type_in(&mut state, "sort nothing");
    assert!(press(&mut state, "enter").is_empty() && state.modals.len() == 1);
}

#[test]
fn on_a_narrow_screen_the_palette_says_why_in_place_of_the_key() {
    let mut state = fixture::state(1, 60, 15, fixture::looks("mono", true));
    press(&mut state, ": i n v e r t");
    assert!(screen(&state).contains("invert  (this registry cannot delete repositories)"), "{}", screen(&state));
}
