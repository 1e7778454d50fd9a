use super::*;

struct Run {
    guard: KeyGuard,
    start: Instant,
    out: VecDeque<Input>,
    in_text: bool,
}

impl Run {
    fn new() -> Self {
        Self { guard: KeyGuard::default(), start: Instant::now(), out: VecDeque::new(), in_text: false }
    }

    /// Keys read together at `ms`; an Esc that is due is delivered first, as the source does.
    fn at(&mut self, ms: u64, keys: &str) -> &mut Self {
        let now = self.start + Duration::from_millis(ms);
        self.guard.expire(now, &mut self.out);
        let keys: Vec<Input> = keys.split_whitespace().map(|name| Input::Key(name.parse().unwrap())).collect();
        self.guard.batch(keys, now, self.in_text, &mut self.out);
        self
    }

    fn got(&mut self) -> String {
        let names: Vec<String> = self
            .out
            .drain(..)
            .map(|input| match input {
                Input::Key(key) => key.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        names.join(" ")
    }
}

#[test]
fn a_lone_escape_is_delivered_after_the_hold() {
    let mut run = Run::new();
    assert_eq!(run.at(0, "esc").got(), "");
    assert_eq!(run.guard.deadline(), Some(run.start + SPLIT));
    assert_eq!(run.at(49, "").got(), "");
    assert_eq!(run.at(50, "").got(), "esc");
    assert_eq!(run.guard.deadline(), None);
    assert_eq!(run.at(51, "").got(), "");
}

#[test]
fn a_split_arrow_is_one_arrow() {
    let mut run = Run::new();
    run.at(0, "esc").at(30, "[").at(60, "D");
    assert_eq!(run.got(), "left");
    run.at(200, "esc").at(230, "O").at(260, "A");
    assert_eq!(run.got(), "up");
    run.at(400, "esc").at(430, "[ D");
    assert_eq!(run.got(), "left");
}

#[test]
fn other_split_keys_do_nothing() {
    for pieces in ["[ 1 5 ~", "[ 3 ~", "O P", "[ [ A", "[ 1 ; 5 D", "[ Z", "[ M"] {
        let mut run = Run::new();
        run.at(0, "esc");
        let mut ms = 0;
        for piece in pieces.split(' ') {
            ms += 30;
            run.at(ms, piece);
        }
        assert_eq!(run.got(), "", "{pieces}");
        assert_eq!(run.at(ms + 30, "j").got(), "j", "{pieces}");
    }
}

#[test]
fn escape_then_another_key_keeps_both() {
    let mut run = Run::new();
    assert_eq!(run.at(0, "esc").at(20, "j").got(), "esc j");
    assert_eq!(run.at(200, "esc esc").got(), "esc");
    assert_eq!(run.at(300, "").got(), "esc");
    assert_eq!(run.at(400, "esc").at(470, "[").at(480, "D").got(), "esc [ D");
    assert_eq!(run.at(600, "esc").at(630, "[").at(700, "j").got(), "j");
}

#[test]
fn other_events_release_the_escape() {
    let mut run = Run::new();
    run.at(0, "esc");
    let now = run.start;
    run.guard.batch([Input::Resize(80, 24)], now, false, &mut run.out);
    assert_eq!(run.got(), "esc Resize(80, 24)");
}

#[test]
fn a_paste_read_at_once_is_dropped_whole() {
    let mut run = Run::new();
    assert_eq!(run.at(0, "d enter 3 1 enter").got(), "PasteBurst");
    assert_eq!(run.at(10, "x y").got(), "");
    assert_eq!(run.at(35, "z").got(), "");
    assert_eq!(run.at(100, "j").got(), "j");
    assert_eq!(run.at(200, "d y ctrl-j a b").got(), "PasteBurst");
}

#[test]
fn a_paste_in_pieces_is_cut_off() {
    let mut run = Run::new();
    run.at(0, "a").at(5, "b").at(10, "c").at(15, "d");
    assert_eq!(run.got(), "a b c d");
    assert_eq!(run.at(20, "e").got(), "PasteBurst");
    assert_eq!(run.at(40, "f").got(), "");
}

#[test]
fn typing_and_held_keys_pass() {
    let mut run = Run::new();
    for ms in 0..20 {
        run.at(ms * 12, if ms % 2 == 0 { "a" } else { "b" });
    }
    assert!(!run.got().contains("PasteBurst"));
    assert_eq!(run.at(1000, "j j j j j j j k").got(), "j j j j j j j k");
    assert_eq!(run.at(2000, "up down up down up down").got(), "up down up down up down");
    assert_eq!(run.at(3000, "a b c d").got(), "a b c d");
}

#[test]
fn a_text_field_takes_everything() {
    let mut run = Run::new();
    run.in_text = true;
    assert_eq!(run.at(0, "a b c d e f").got(), "a b c d e f");
    run.in_text = false;
    assert_eq!(run.at(5, "j").got(), "j");
}
