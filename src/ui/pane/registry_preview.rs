//! One registry in full: who we are there, how it is reached, what it can do, what happened lately.

use ratatui::text::Line;

use super::registries::{link_word, mode, named, way_out};
use crate::app::state::{Link, State, Tone};
use crate::domain::capability::{DeleteSemantics, Support};
use crate::domain::clean;
use crate::domain::registry::{BackendKind, RegistryId};
use crate::domain::text;
use crate::ui::theme::Theme;
use crate::ui::widget::{self, fact, styled};

/// Only a delete shows whether it is allowed; the harmless one that asks is a line in the registry's own log
/// (oci-distribution.md §11.2).
const BEFORE: &str = "when deleting";
/// Messages shown of one registry.
const RECENT: usize = 6;

pub fn lines(state: &State, id: RegistryId, theme: &Theme) -> (String, Vec<Line<'static>>) {
    let registry = state.registry(id);
    let profile = &registry.profile;
    let caps = &registry.caps;
    let mut lines = vec![fact("address", clean::line(&profile.url).to_string(), theme)];
    if profile.kind != BackendKind::Oci {
        lines.push(fact("kind", profile.kind.word(), theme));
    }
    lines.push(fact("account", account(state, id), theme));
    lines.push(fact("TLS", encryption(state, id), theme));
    match profile.env.as_deref() {
        Some("PROD") => lines.push(fact("env", "PROD: deletes need typed repo", theme)),
        Some(env) => lines.push(fact("env", clean::line(env).to_string(), theme)),
        None => {}
    }
    if mode(state, registry) == "ro" {
        lines.push(fact("mode", "ro: nothing is changed there", theme));
    }
    lines.push(Line::default());
    match &registry.link {
        Link::NotAsked => {}
        Link::Connecting => lines.push(styled("Saying hello...", theme.dim)),
        Link::Down(report) => {
            lines.push(styled(link_word(&registry.link, theme).0, theme.bad));
            lines.push(styled(report.what.to_string(), theme.bad));
            lines.push(styled(report.hint.to_string(), theme.text));
            lines.extend(way_out(state, report.kind, theme));
        }
        Link::Up => lines.extend(capabilities(state, id, theme)),
    }
    if !caps.granted.is_empty() {
        lines.push(Line::default());
        lines.push(styled("Token scopes granted", theme.title));
        lines.extend(caps.granted.iter().map(|scope| styled(format!("  {scope}"), theme.text)));
    }
    let recent: Vec<_> = state.messages.iter().rev().filter(|m| m.registry == Some(id)).take(RECENT).collect();
    if !recent.is_empty() {
        lines.push(Line::default());
        lines.push(styled("Recent", theme.title));
        lines.extend(recent.into_iter().map(|message| {
            let style = if message.tone == Tone::Bad { theme.bad } else { theme.text };
            styled(format!("  {} {}", widget::clock(message.at, state.looks.utc), message.text), style)
        }));
    }
    if !registry.trail.is_empty() {
        lines.push(Line::default());
        lines.push(styled("Credentials were looked for in", theme.title));
        lines.extend(registry.trail.iter().map(|line| styled(format!("  {line}"), theme.text)));
    }
    (clean::identifier(&profile.name).to_string(), lines)
}

fn account(state: &State, id: RegistryId) -> String {
    let registry = state.registry(id);
    let wanted = registry.profile.username.as_deref().map(|user| clean::identifier(user).to_string());
    match (&registry.account, registry.caps.auth) {
        (Some(account), _) => match (&account.user, &account.from) {
            (Some(user), Some(from)) => format!("{user}  ({from})"),
            (Some(user), None) => user.to_string(),
            (None, _) => "anonymous".to_owned(),
        },
        (None, Some("none")) => "anonymous: no sign-in is asked for".to_owned(),
        (None, _) => wanted.unwrap_or_else(|| "not asked for yet".to_owned()),
    }
}

fn encryption(state: &State, id: RegistryId) -> String {
    let registry = state.registry(id);
    if registry.profile.url.starts_with("http://") {
        return "none: plain http".to_owned();
    }
    let roots = match &registry.profile.ca_cert {
        Some(file) => format!("system roots and {}", clean::line(&file.display().to_string())),
        None => "system roots".to_owned(),
    };
    match registry.caps.transport {
        Some(transport) => format!("{roots}, {transport}"),
        None => roots,
    }
}

fn capabilities(state: &State, id: RegistryId, theme: &Theme) -> Vec<Line<'static>> {
    let caps = &state.registry(id).caps;
    let listing = match (named(state, id), &caps.listing_note) {
        (Some(n), _) => format!("{} repos", text::count(n)),
        (None, Some(_)) => "none: open by name (')".to_owned(),
        (None, None) => String::new(),
    };
    let (delete, by) = match caps.delete {
        DeleteSemantics::Unsupported => (Support::No, "no (405)"),
        DeleteSemantics::TagOnly => (Support::Yes, "single tags"),
        DeleteSemantics::ManifestAndAllItsTags => (Support::Yes, "by digest"),
        DeleteSemantics::Unknown => (Support::Unknown, BEFORE),
    };
    let known = |support: Support, yes: &'static str, no: &'static str, unknown: &'static str| match support {
        Support::Yes => yes,
        Support::No => no,
        Support::Unknown => unknown,
    };
    let limited = if caps.rate_limit.is_some() { Support::Yes } else { Support::Unknown };
    let limit = caps.rate_limit.as_ref().map_or_else(|| "none seen".to_owned(), |left| format!("{left} left"));
    let rows = [
        ("catalog", caps.listing, listing),
        ("tags paging", caps.paging, known(caps.paging, "Link", "none", "not seen yet").to_owned()),
        ("delete manifest", delete, by.to_owned()),
        ("delete single tag", caps.tag_delete, known(caps.tag_delete, "", "no (405)", BEFORE).to_owned()),
        ("referrers API", caps.referrers, known(caps.referrers, "", "tag fallback", "not asked yet").to_owned()),
        ("rate limit", limited, limit),
    ];
    let row = |(what, support, why): (&str, Support, String)| {
        let sign = match support {
            Support::Yes => "[x]",
            Support::No => "[ ]",
            Support::Unknown => "[?]",
        };
        styled(format!("  {sign} {what:<17} {why}").trim_end().to_owned(), theme.text)
    };
    let mut lines = vec![styled("Capabilities", theme.title)];
    lines.extend(rows.map(row));
    lines
}
