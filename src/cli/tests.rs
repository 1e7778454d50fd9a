//! The command line as it is typed.

use super::*;
use clap::CommandFactory as _;

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn global_options_stand_anywhere() {
    let cli = Cli::try_parse_from(["tagboat", "--json", "tags", "a.b/c", "--timeout", "5", "-q"]).unwrap();
    assert!(cli.global.json && cli.global.quiet && cli.target.is_none());
    assert_eq!(Cli::try_parse_from(["tagboat", "tags", "a.b/c", "--read-only"]).unwrap().global.read_only, Some(true));
    assert_eq!(cli.global.timeout, Some(Duration::from_secs(5)));
    assert_eq!(Cli::try_parse_from(["tagboat", "a.b/c:1"]).unwrap().target.as_deref(), Some("a.b/c:1"));
    assert!(Cli::try_parse_from(["tagboat", "--timeout", "0s"]).is_err());
}

#[test]
fn variables_fill_in_what_flags_leave_open() {
    let env = Env::fixed([
        ("TAGBOAT_MOUSE", "0"),
        ("TAGBOAT_SLOW", "auto"),
        ("TAGBOAT_UTC", "yes"),
        ("TAGBOAT_TIMEOUT", "5s"),
        ("TAGBOAT_THEME", "mono"),
        ("TAGBOAT_READ_ONLY", "1"),
        ("TAGBOAT_CA_CERT", "/ca.pem"),
    ]);
    let read = |arguments: &[&str]| {
        let mut global = Cli::try_parse_from([&["tagboat"], arguments].concat()).unwrap().global;
        global.read_variables(&env).unwrap();
        global
    };
    let global = read(&[]);
    let wanted = global.wanted();
    assert_eq!(
        (wanted.mouse, wanted.slow, wanted.utc, wanted.ascii),
        (Some(false), Some(Slow::Auto), Some(true), None)
    );
    assert_eq!((wanted.theme.as_deref(), global.timeout), (Some("mono"), Some(Duration::from_secs(5))));
    assert!(global.options().read_only && global.options().ca_cert == Some("/ca.pem".into()));
    let global = read(&["--mouse", "--slow", "--theme", "light", "--timeout", "1m", "--ca-cert", "b"]);
    let wanted = global.wanted();
    assert_eq!((wanted.mouse, wanted.slow, wanted.theme.as_deref()), (Some(true), Some(Slow::On), Some("light")));
    assert_eq!((global.timeout, global.ca_cert), (Some(Duration::from_secs(60)), Some("b".into())));
}

#[test]
fn a_variable_that_means_nothing_is_named() {
    for (name, value) in [("TAGBOAT_MOUSE", "maybe"), ("TAGBOAT_SLOW", "2"), ("TAGBOAT_TIMEOUT", "soon")] {
        let mut global = Cli::try_parse_from(["tagboat"]).unwrap().global;
        assert!(global.read_variables(&Env::fixed([(name, value)])).unwrap_err().contains(name));
    }
}

#[test]
fn help_fits_80_columns_and_ends_with_three_examples() {
    let mut command = Cli::command().term_width(80);
    command.build();
    let long = |text: &str| text.lines().find(|line| line.chars().count() > 80).map(str::to_owned);
    let help = command.render_long_help().to_string();
    assert_eq!(long(&help), None);
    let (_, examples) = help.split_once("\nExamples:\n").unwrap();
    assert_eq!(examples.trim_end().lines().filter(|line| line.trim_start().starts_with("tagboat ")).count(), 3);
    for sub in command.get_subcommands_mut() {
        assert_eq!(long(&sub.render_long_help().to_string()), None, "{}", sub.get_name());
    }
}
