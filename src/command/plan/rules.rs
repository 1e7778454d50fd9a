//! Rules from the command line, and from the config by name.

use super::super::Failure;
use crate::cli::cleanup::Rules as Asked;
use crate::domain::cleanup::{Keep, KeepBy, Per, Rules};
use crate::domain::filter::Filter;
use crate::domain::reference::TagName;
use crate::domain::text;
use crate::store::config::Config;

pub(super) fn rules(asked: &Asked, config: &Config) -> Result<Rules, Failure> {
    let mut rules = Rules {
        mark: filters("--mark", &asked.mark)?,
        exclude: filters("--exclude", &asked.exclude)?,
        keep: keep(asked)?,
        untagged: asked.untagged,
        dangling: asked.dangling,
        names: asked
            .tag
            .iter()
            .map(|name| TagName::parse(name))
            .collect::<Result<_, _>>()
            .map_err(|error| Failure::usage(&format!("--tag: {error}"), "A tag's name alone is wanted."))?,
    };
    for name in &asked.rule {
        add(&mut rules, named(name, config)?)?;
    }
    if rules.is_empty() {
        let hint = "Add --mark FILTER, --tag NAME, --untagged, --dangling or --rule NAME; --mark '*' marks every tag.";
        return Err(Failure::usage("nothing says what to mark", hint));
    }
    Ok(rules)
}

fn filters(option: &str, all: &[String]) -> Result<Vec<Filter>, Failure> {
    let one = |text: &String| {
        if text.trim().is_empty() {
            return Err(Failure::usage(&format!("{option}: an empty filter"), "'*' matches every tag."));
        }
        Filter::parse(text)
            .map_err(|error| Failure::usage(&format!("{option}: {error}"), "For example: --mark 'pr-* age>30d'."))
    };
    all.iter().map(one).collect()
}

fn keep(asked: &Asked) -> Result<Option<Keep>, Failure> {
    let Some(n) = asked.keep else { return Ok(None) };
    let per = asked.per.as_deref().map(Per::parse).transpose();
    let per = per.map_err(|error| Failure::usage(&format!("--per: {error}"), "For example: --per '^(v\\d+)'."))?;
    let by = asked.keep_by.as_deref().and_then(KeepBy::from_word).unwrap_or_default();
    Ok(Some(Keep { n: n as usize, by, per }))
}

fn named<'a>(name: &str, config: &'a Config) -> Result<&'a Rules, Failure> {
    if let Some(rule) = config.rules.iter().find(|rule| rule.name == name) {
        return Ok(&rule.rules);
    }
    let names: Vec<&str> = config.rules.iter().map(|rule| rule.name.as_str()).collect();
    let hint = match (text::nearest(name, names.iter().copied()), names.is_empty()) {
        (Some(near), _) => format!("Did you mean “{near}”?"),
        (None, true) => "The config has no [[rule]]; `tagboat config example` shows one.".to_owned(),
        (None, false) => format!("The config has {}.", names.join(", ")),
    };
    Err(Failure::usage(&format!("no rule “{name}” in the config"), &hint))
}

/// Marks of both, exclusions of both. Only one of them can say how many are kept.
fn add(rules: &mut Rules, more: &Rules) -> Result<(), Failure> {
    if let Some(keep) = &more.keep {
        if rules.keep.as_ref().is_some_and(|known| known != keep) {
            let hint = "Plan them one after the other.";
            return Err(Failure::usage("the rules keep different numbers of tags", hint));
        }
        rules.keep = Some(keep.clone());
    }
    rules.mark.extend(more.mark.iter().cloned());
    rules.exclude.extend(more.exclude.iter().cloned());
    rules.untagged |= more.untagged;
    rules.dangling |= more.dangling;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::store::config::Rule;

    fn parsed(arguments: &[&str], config: &Config) -> Result<Rules, Failure> {
        let all = ["tagboat", "plan", "r.example/a"].iter().chain(arguments);
        let Some(Command::Plan(plan)) = Cli::try_parse_from(all).unwrap().command else { unreachable!() };
        rules(&plan.rules, config)
    }

    fn config() -> Config {
        let rule = |name: &str, rules| Rule { name: name.to_owned(), rules };
        let keep = |n| Some(Keep { n, by: KeepBy::Created, per: None });
        let mark = |text: &str| vec![Filter::parse(text).unwrap()];
        let five = Rules { mark: mark("pr-*"), exclude: mark("pr-1"), keep: keep(5), ..Rules::default() };
        let three = Rules { dangling: true, keep: keep(3), ..Rules::default() };
        Config { rules: vec![rule("five", five), rule("three", three)], ..Config::default() }
    }

    #[test]
    fn every_option_of_the_contract_becomes_a_rule() {
        let line = [
            "--mark",
            "pr-*",
            "--mark",
            "!~^v",
            "--exclude",
            "pr-1",
            "--keep",
            "3",
            "--keep-by",
            "semver",
            "--per",
            "minor",
            "--untagged",
            "--dangling",
            "--tag",
            "a",
            "b",
            "--tag",
            "c",
        ];
        let rules = parsed(&line, &Config::default()).unwrap();
        let texts = |all: &[Filter]| all.iter().map(|one| one.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            (texts(&rules.mark), texts(&rules.exclude)),
            (vec!["pr-*".into(), "!~^v".into()], vec!["pr-1".into()])
        );
        assert_eq!(rules.keep, Some(Keep { n: 3, by: KeepBy::Semver, per: Some(Per::Minor) }));
        assert!(rules.untagged && rules.dangling);
        assert_eq!(rules.names.iter().map(TagName::as_str).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn what_marks_nothing_or_everything_by_accident_is_refused() {
        for line in [
            &[][..],
            &["--keep", "5"],
            &["--exclude", "a"],
            &["--mark", ""],
            &["--mark", "*", "--exclude", " "],
            &["--mark", "~("],
            &["--tag", "a b"],
            &["--mark", "*", "--keep", "1", "--per", "x"],
            &["--rule", "none"],
        ] {
            assert_eq!(parsed(line, &config()).unwrap_err().code, 2, "{line:?}");
        }
    }

    #[test]
    fn rules_of_the_config_add_up_unless_they_contradict() {
        let rules = parsed(&["--rule", "five", "--mark", "ci-*", "--keep", "5"], &config()).unwrap();
        assert_eq!((rules.mark.len(), rules.exclude.len()), (2, 1));
        assert!(parsed(&["--rule", "five", "--rule", "three"], &config()).is_err());
        assert!(parsed(&["--rule", "five", "--keep", "4"], &config()).is_err());
        assert!(parsed(&["--rule", "fiv"], &config()).unwrap_err().hint.contains("five"));
    }
}
