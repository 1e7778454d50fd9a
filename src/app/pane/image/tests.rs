use super::*;

#[test]
fn the_cursor_stays_among_the_rows_and_on_the_screen() {
    let mut view = ImageView { tab: Tab::Layers, ..ImageView::default() };
    for (by, cursor, offset) in [(3, 3, 0), (5, 8, 4), (-2, 6, 4), (100, 19, 15), (-100, 0, 0)] {
        view.move_by(by, 20, 5);
        assert_eq!(view.spot(Tab::Layers), Spot { cursor, offset }, "after {by}");
    }
    assert_eq!(view.spot(Tab::History), Spot::default());
    view.move_by(4, 0, 5);
    assert_eq!(view.spot(Tab::Layers).cursor, 0);
}

#[test]
fn another_platform_begins_at_the_top() {
    let mut view = ImageView::default();
    for tab in Tab::ALL {
        view.tab = tab;
        view.move_by(3, 10, 2);
    }
    view.rewind();
    assert_eq!(view.spot(Tab::Platforms).cursor, 3);
    assert_eq!(view.spot(Tab::Layers), Spot::default());
}
