//! What images of one kind have in common: their tags, and the config a registry underneath shows as `extra_attrs`.

use serde_json::{Map, Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Drivers, Python and a framework, to build on.
    Base,
    Trainer,
    Server,
    /// Runs to its end at night.
    Job,
    Notebook,
}

impl Kind {
    pub fn megabytes(self) -> u32 {
        match self {
            Self::Base => 7400,
            Self::Trainer => 9100,
            Self::Server => 4200,
            Self::Job => 620,
            Self::Notebook => 8300,
        }
    }

    pub fn labels(self) -> &'static [&'static str] {
        match self {
            Self::Base => &["base", "gpu"],
            Self::Trainer => &["training", "gpu", "a100"],
            Self::Server => &["inference", "прод"],
            Self::Job => &["batch"],
            Self::Notebook => &[],
        }
    }

    /// Those of the image that was pushed as number `step`, from one.
    pub fn tags(self, step: u32) -> Vec<String> {
        match self {
            Self::Base => vec![format!("cu12{step}-py31{}", step % 4)],
            Self::Trainer => vec![format!("2026.{step}"), format!("exp-{:04}", 120 + step * 11)],
            Self::Server => vec![format!("1.{}.0", 7 + step)],
            Self::Job => vec![format!("202610{:02}", 3 * step), format!("build-{}", 400 + step * 37)],
            Self::Notebook => vec![format!("jupyter-4.{step}")],
        }
    }

    pub fn attrs(self, name: &str, version: &str, created: &str) -> Value {
        let (entry, command, port, directory, user): (Value, Value, _, _, _) = match self {
            Self::Base => (Value::Null, json!(["/bin/bash"]), None, "/", ""),
            Self::Trainer => (json!(["torchrun"]), json!(["train.py"]), None, "/workspace", "trainer"),
            Self::Server => (json!(["/usr/bin/tini", "--"]), json!(["serve"]), Some("8080/tcp"), "/srv", "1000:1000"),
            Self::Job => (Value::Null, json!(["python", "-m", "job"]), None, "/app", "nobody"),
            Self::Notebook => (Value::Null, json!(["start-notebook.sh"]), Some("8888/tcp"), "/notebooks", "jovyan"),
        };
        let ports: Map<String, Value> = port.into_iter().map(|port| (port.to_owned(), json!({}))).collect();
        json!({
            "architecture": "amd64", "os": "linux", "author": "ml-platform", "created": created,
            "config": {
                "Env": [
                    "PATH=/opt/conda/bin:/usr/local/nvidia/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "NVIDIA_VISIBLE_DEVICES=all", "PYTHONUNBUFFERED=1", format!("IMAGE_VERSION={version}"),
                ],
                "Entrypoint": entry, "Cmd": command, "ExposedPorts": ports, "WorkingDir": directory, "User": user,
                "Labels": {
                    "org.opencontainers.image.title": name, "org.opencontainers.image.version": version,
                    "com.nvidia.cuda.version": "12.4.1", "maintainer": "ml-platform@vision.example",
                },
            },
        })
    }
}

/// The attributes of an image built with its requirements in a label, every hash of every package: 40 KB and more.
pub(super) fn heavy(created: &str) -> Value {
    let packages =
        ["torch", "transformers", "accelerate", "datasets", "peft", "vllm", "numpy", "pandas", "scikit-learn"];
    let line = |at: usize| {
        let package = packages[at % packages.len()];
        let hash = super::short(&[package, &at.to_string()]).repeat(5);
        format!("{package}-ext{at}==2.{}.{} --hash=sha256:{hash:.64}", at % 14, at % 5)
    };
    let lines: Vec<String> = (0..480).map(line).collect();
    let mut attrs = Kind::Trainer.attrs("nlp/eval-harness", "2026.4", created);
    attrs["config"]["Labels"]["build.requirements"] = Value::from(lines.join("\n"));
    attrs
}
