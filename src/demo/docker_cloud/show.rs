//! The objects as they are sent (§4, §5).

use serde_json::{Map, Value, json};

use super::routes::{List, View};
use super::store::{CloudRegistry, ExternalRepository};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn unknown() -> Map<String, Value> {
    object(json!({
        "billing_tier": "standard",
        "limits": {"pulls": 200, "window": null},
        "regions": ["us-east-1", "eu-west-1"],
        "x_shadow": null,
    }))
}

impl View<'_> {
    pub fn registry(&self, key: &str, registry: &CloudRegistry) -> Value {
        let mut shown = object(json!({
            "host": registry.host,
            "resource_uri": self.place.path(List::Registries, key),
        }));
        if !self.dialect.only_keys {
            let port = registry.port.filter(|_| !self.dialect.null_ports);
            let docker = if self.dialect.tutum { "is_tutum_registry" } else { "is_docker_registry" };
            shown.extend(object(json!({"name": registry.name, "is_ssl": registry.is_ssl, "port": port})));
            shown.insert(docker.to_owned(), registry.is_docker.into());
            shown.extend(registry.icon_url.as_ref().map(|url| ("icon_url".to_owned(), url.as_str().into())));
        }
        self.finish(shown)
    }

    /// The login is not among the fields: no documented object has it (§5).
    pub fn repository(&self, name: &str, repository: &ExternalRepository) -> Value {
        let mut shown = object(json!({
            "name": name,
            "resource_uri": self.place.path(List::Repositories, name),
        }));
        if !self.dialect.only_keys {
            let registry = self.place.path(List::Registries, &repository.registry);
            shown.extend(object(json!({"in_use": repository.in_use, "registry": registry})));
            shown.extend(repository.more.clone());
        }
        self.finish(shown)
    }

    fn finish(&self, mut shown: Map<String, Value>) -> Value {
        if self.dialect.unknown_fields {
            shown.extend(unknown());
        }
        Value::Object(shown)
    }
}
