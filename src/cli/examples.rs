//! The end of the help of a command: how it is used most.

pub const DEMO: &str = "\
Examples:
  tagboat demo                                   look around, nothing to set up
  tagboat demo --profile harbor --auth bearer    as Harbor does it, with a sign-in
  tagboat demo --serve --base-port 5001          registries for other programs";

pub const REGISTRIES: &str = "\
Examples:
  tagboat registries                   who answers, as whom, and what it can do
  tagboat registries --json            the same for a script
  tagboat registries --timeout 5s      without waiting for those that are away";

pub const REPOS: &str = "\
Examples:
  tagboat repos prod                             all, with their number of tags
  tagboat repos prod --filter 'team/*'           some of them
  tagboat repos registry.example.com --jsonl     a line each, as they come";

pub const TAGS: &str = "\
Examples:
  tagboat tags prod/team/app                                 with details
  tagboat tags prod/team/app --names                         names, at once
  tagboat tags prod/team/app --filter 'pr-* age>90d' --csv   old ones, for a sheet";

pub const INSPECT: &str = "\
Examples:
  tagboat inspect prod/team/app:1.2.0            platforms, layers, referrers
  tagboat inspect prod/team/app                  the tag latest
  tagboat inspect prod/team/app:1.2.0 --json     everything, for a script";

pub const PLAN: &str = "\
Examples:
  tagboat plan prod/app --mark 'pr-* age>30d' --keep 5     old ones, but for 5
  tagboat plan prod/app --tag 1.2 1.3 --out plan.json      for tagboat apply
  tagboat plan prod/app --tag 1.2 --placeholder            nothing goes along";

pub const APPLY: &str = "\
Examples:
  tagboat apply plan.json --dry-run              is all as it says?
  tagboat apply plan.json --confirm 31           31 tags go
  tagboat apply plan.json --confirm team/app     where the name is asked for";

pub const TAG: &str = "\
Examples:
  tagboat tag prod/app:1.2.0 stable              asks before one is moved
  tagboat tag prod/app:1.2.0 stable --yes        in a script
  tagboat tag prod/app:1.2.0 stable --dry-run    what stable points at now";

pub const COPY: &str = "\
Examples:
  tagboat copy prod/app:1.2.0 prod/mirror/app              within a registry
  tagboat copy prod/app:1.2.0 backup --referrers           to another, with signatures
  tagboat copy prod/app:1.2.0 backup/app:last --overwrite  in a script";

pub const UNDO: &str = "\
Examples:
  tagboat undo 20260506-070809-3f2a              asks before anything is sent
  tagboat undo 20260506-070809-3f2a --dry-run    what would come back
  tagboat undo 20260506-070809-3f2a --yes        in a script";

pub const LOGIN: &str = "\
Examples:
  tagboat login prod                                      asks for name and password
  tagboat login prod -u bot --password-stdin < secret     in a script
  tagboat login prod --keep session                       only try it";

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use crate::cli::Cli;

    #[test]
    fn every_example_is_understood() {
        let mut found = 0;
        for command in Cli::command().get_subcommands() {
            let Some(help) = command.get_after_help() else { continue };
            let help = help.to_string();
            let lines: Vec<&str> = help.lines().filter_map(|line| line.trim().strip_prefix("tagboat ")).collect();
            assert_eq!(lines.len(), 3, "{}", command.get_name());
            for line in lines {
                // The words after two blanks say what it is for; a shell takes away quotes and what comes from a file.
                let (typed, _) = line.split_once("   ").or_else(|| line.split_once("  ")).unwrap();
                let typed = typed.split(" < ").next().unwrap();
                let mut words = vec!["tagboat".to_owned()];
                for (n, part) in typed.split('\'').enumerate() {
                    if n % 2 == 1 {
                        words.push(part.to_owned());
                    } else {
                        words.extend(part.split_whitespace().map(str::to_owned));
                    }
                }
                Cli::try_parse_from(&words).unwrap_or_else(|error| panic!("{words:?}: {error}"));
                found += 1;
            }
        }
        assert_eq!(found, 33);
    }
}
