//! Another tag on an image, and the question before one is moved.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::boxed;
use super::form::Sheet;
use crate::app::modal::new_tag::{NewTag, Overwrite};
use crate::app::state::State;
use crate::domain::clean;
use crate::domain::reference::Reference;
use crate::domain::text;
use crate::domain::transfer::Call;
use crate::ui::theme::Theme;
use crate::ui::widget::styled;

/// What the grammar allows (oci-distribution.md §1).
const LONGEST: usize = 128;

pub(super) fn draw(frame: &mut Frame, body: Rect, dialog: &NewTag, state: &State, theme: &Theme) {
    let registry = clean::line(&state.registry(dialog.registry).profile.name);
    let sign = if matches!(dialog.source, Reference::Tag(_)) { ':' } else { '@' };
    let mut above = vec![styled(format!(" From   {registry}/{}{sign}{}", dialog.repo, dialog.source), theme.title)];
    let digest = dialog.digest.as_ref().map(|digest| format!("{}  ", digest.short())).unwrap_or_default();
    above.push(styled(format!("        {digest}{}", dialog.kind), theme.dim));
    let said = said(dialog, state, theme);
    Sheet { title: "New tag".to_owned(), above, form: &dialog.form, said }.draw(frame, body, state, theme);
}

fn said(dialog: &NewTag, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    if let Some(error) = &dialog.error {
        return vec![styled(format!(" {error}"), theme.bad)];
    }
    if let Some(why) = dialog.forbidden(state) {
        return vec![styled(format!(" No tag can be set: {why}."), theme.warn)];
    }
    let target = match dialog.target() {
        Ok(target) => target,
        Err(why) => return vec![styled(format!(" Valid   no: {why}"), theme.warn)],
    };
    let length = target.tag.as_str().len();
    let mut lines = vec![styled(format!(" Valid   yes, {length} of {LONGEST} characters"), theme.text)];
    lines.push(match dialog.found(&target) {
        None => styled(" Exists  ...", theme.dim),
        Some(Ok(None)) => styled(" Exists  no, looked at just now", theme.text),
        Some(Ok(Some(now))) if Some(now) == dialog.digest.as_ref() && dialog.way.colours => {
            styled(" Exists  yes, and it is on this image already; c changes its colour", theme.text)
        }
        Some(Ok(Some(now))) if Some(now) == dialog.digest.as_ref() => {
            styled(" Exists  yes, and it is on this image already", theme.text)
        }
        Some(Ok(Some(now))) => {
            styled(format!(" Exists  yes, on {}: you are asked before it is moved", now.short()), theme.warn)
        }
        Some(Err(why)) => styled(format!(" Exists  not known: {why}"), theme.warn),
    });
    let way = match (dialog.busy.is_some(), dialog.stays(&target), target.registry == dialog.registry) {
        (true, ..) => " Reading all of it ...",
        (false, ..) if dialog.way.call => " Sends   one call; nothing of the image moves. Needs the right to push.",
        (false, true, _) => " Sends   the same manifest; the digest does not change. Needs the right to push.",
        (false, false, true) => " Sends   manifests; the registry links the layers it has, where it does that.",
        (false, false, false) => " Sends   the image with all its platforms, through here. The digest stays.",
    };
    lines.push(styled(way, theme.dim));
    if dialog.way.call {
        let rename = if dialog.way.renames { "" } else { "Rename and " };
        let text = format!(" Not     {rename}copies elsewhere: this interface has no call for that; docker has.");
        lines.push(styled(text, theme.dim));
    }
    lines
}

pub(super) fn overwrite(frame: &mut Frame, body: Rect, dialog: &Overwrite, state: &State, theme: &Theme) {
    let transfer = &dialog.order.transfer;
    let Some(wanted) = transfer.wanted() else { return };
    let was = transfer.replaces().map(ToString::to_string).unwrap_or_default();
    let registry = clean::line(&transfer.to.registry);
    let mut lines = vec![
        styled(format!(" {registry}/{}:{}", transfer.to.repo, wanted.tag), theme.title),
        styled(format!(" is on   {was}"), theme.text),
        styled(format!(" goes to {}", wanted.digest), theme.text),
        match dialog.kept {
            true => styled(" What it is on now stays in the registry; tagboat undo moves the tag back.", theme.dim),
            false => styled(" What it is on now stays without this tag, and no undo moves the tag back.", theme.warn),
        },
        styled("", theme.text),
    ];
    if let Some(Call { colour, colour_before }) = &transfer.call
        && colour != colour_before
    {
        let word = |colour: &Option<String>| clean::line(colour.as_deref().unwrap_or("none"));
        lines.insert(3, styled(format!(" colour  {} -> {}", word(colour_before), word(colour)), theme.text));
    }
    match &dialog.asked {
        None => lines.push(styled(" y  move it        Esc  no", theme.key)),
        Some((asked, why)) => {
            let typed = clean::line(dialog.typed.value());
            lines.push(styled(format!(" Type {asked} to move it, because {why}:"), theme.warn));
            lines.push(styled(format!(" > {}_", text::cut_end(typed.as_str(), 76)), theme.text));
            lines.push(styled(" Enter  move it        Esc  no", theme.key));
        }
    }
    boxed(frame, body, "Move an existing tag?", lines, 90, state, theme);
}
