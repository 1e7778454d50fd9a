//! The command line, read without what it does not mention.

use std::ffi::OsString;

use clap::{Arg, Command, CommandFactory as _, FromArgMatches as _};

use super::Cli;

impl Cli {
    /// As `try_parse_from`, at half the price. clap copies every global option to every command before it looks at the
    /// first word, which is a tenth of the time of a short command; so options that nobody wrote are global to none. What
    /// that refuses is read again as it should be: whoever sees an error or a help sees all of it.
    pub fn read(words: &[OsString]) -> Result<Self, clap::Error> {
        let mut command = Self::command().mut_args(|arg| if is_written(&arg, words) { arg } else { arg.global(false) });
        let read = matches(&mut command, words);
        // To take the description of every option apart again would cost as much as reading them.
        std::mem::forget(command);
        read.or_else(|_| {
            let mut command = Self::command();
            matches(&mut command, words).map_err(|error| error.format(&mut command))
        })
    }
}

fn matches(command: &mut Command, words: &[OsString]) -> Result<Cli, clap::Error> {
    command.try_get_matches_from_mut(words).and_then(|matches| Cli::from_arg_matches(&matches))
}

/// Whether the option may be among these words, or commands name it among their own. Too often is no harm.
fn is_written(option: &Arg, words: &[OsString]) -> bool {
    option.get_id() == "json"
        || words.iter().filter_map(|word| word.to_str()).filter_map(|word| word.strip_prefix('-')).any(
            |word| match word.strip_prefix('-') {
                Some(long) => option.get_long().is_some_and(|name| long.starts_with(name)),
                None => option.get_short().is_some_and(|letter| word.contains(letter)),
            },
        )
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    /// Both ways read the same from every kind of line.
    #[test]
    fn every_line_is_read_as_clap_reads_it() {
        for line in [
            "",
            "prod",
            "prod/app:1 --json",
            "--json tags prod/app",
            "tags prod/app --json",
            "-vv tags --names -q prod/app",
            "tags -qv prod/app",
            "tags prod/app --state-dir=d --config c",
            "--config c tags prod/app",
            "config path --json",
            "labels list --json prod/app",
            "plan prod/app --mark x --read-only",
            "tags",
            "tags --nmaes prod/app",
            "tags --help",
            "--help",
            "-h",
            "--version",
            "--jsn tags prod/app",
            "tags prod/app --timeout never",
            "registries --theme dark registries",
            "registries extra",
            "keys --plain-http --no-cache --json",
        ] {
            let words: Vec<OsString> =
                std::iter::once("tagboat").chain(line.split_whitespace()).map(Into::into).collect();
            let text = |read: Result<Cli, clap::Error>| match read {
                Ok(cli) => format!("{cli:?}"),
                Err(error) => format!("{:?} {error}", error.kind()),
            };
            assert_eq!(text(Cli::read(&words)), text(Cli::try_parse_from(&words)), "{line}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_word_that_is_no_text_is_no_reason_to_stop() {
        use std::os::unix::ffi::OsStringExt as _;
        let words = ["tagboat".into(), "--state-dir".into(), OsString::from_vec(vec![b'd', 0xff]), "registries".into()];
        assert!(Cli::read(&words).is_ok_and(|cli| cli.global.state_dir.is_some()));
    }
}
