//! `tagboat config`

use super::{DONE, Failure, Io, Outcome};
use crate::cli::ConfigCommand;
use crate::runtime::keys::keymap;
use crate::store::config::{Config, EXAMPLE};
use crate::store::places::Places;

pub fn run(command: ConfigCommand, places: &Places, io: &mut Io<'_>) -> Outcome {
    if matches!(command, ConfigCommand::Example) {
        io.out.write_all(EXAMPLE.as_bytes())?;
        return Ok(DONE);
    }
    let Some(file) = &places.config_file else {
        return Err(Failure::usage("there is no place for a config file", "Set HOME or use --config FILE.").into());
    };
    let shown = file.display().to_string();
    if matches!(command, ConfigCommand::Path) {
        if io.json {
            io.print_json(&serde_json::json!({ "path": shown, "exists": file.exists() }))?;
        } else {
            writeln!(io.out, "{shown}")?;
        }
        return Ok(DONE);
    }
    let (config, warnings) = Config::load(file, places.config_asked)?;
    keymap(&config, Some(file))?;
    for warning in &warnings {
        io.note(warning.as_str());
    }
    let registries = config.registries.len();
    if io.json {
        let warnings: Vec<&str> = warnings.iter().map(|warning| warning.as_str()).collect();
        io.print_json(
            &serde_json::json!({ "path": shown, "ok": true, "registries": registries, "warnings": warnings }),
        )?;
    } else if file.exists() {
        let plural = if registries == 1 { "registry" } else { "registries" };
        writeln!(io.out, "{shown}: correct, {registries} {plural}")?;
    } else {
        writeln!(io.out, "{shown}: not there, the defaults hold")?;
    }
    Ok(DONE)
}
