//! Platforms as people write them (oci-distribution.md §7).

use super::json::Object;
use crate::domain::clean;
use crate::domain::image::Platform;

/// A platform object of an index entry, or an image config, which holds the same fields. `None` without a system and
/// an architecture.
pub(super) fn platform(fields: &Object<'_>) -> Option<Platform> {
    let os = fields.some_text("os")?.to_ascii_lowercase();
    let architecture = fields.some_text("architecture")?.to_ascii_lowercase();
    let variant = fields.some_text("variant");
    let (architecture, variant) = normalise(&architecture, variant.as_deref());
    Some(Platform {
        os: clean::identifier(&os),
        architecture: clean::identifier(architecture),
        variant: variant.map(clean::identifier),
        os_version: fields.some_text("os.version").map(|text| clean::identifier(&text)),
    })
}

fn normalise<'a>(architecture: &'a str, variant: Option<&'a str>) -> (&'a str, Option<&'a str>) {
    let variant = variant.filter(|text| !text.is_empty());
    match architecture {
        "x86_64" | "x86-64" => ("amd64", variant),
        "aarch64" | "arm64" => ("arm64", variant.filter(|text| *text != "v8")),
        "armhf" => ("arm", Some("v7")),
        "armel" => ("arm", Some("v6")),
        other => (other, variant),
    }
}

/// BuildKit marks its attestations with this platform; tools without a better idea use it too.
pub(super) fn is_unknown(platform: &Platform) -> bool {
    platform.os.as_str() == "unknown" || platform.architecture.as_str() == "unknown"
}

/// The platform that is shown when nobody chose one.
pub(super) fn is_preferred(platform: &Platform) -> bool {
    platform.os.as_str() == "linux" && platform.architecture.as_str() == "amd64"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        platform(&Object::parse(text).unwrap()).map(|p| p.to_string())
    }

    #[test]
    fn names_are_normalised() {
        for (given, want) in [
            (r#"{"os":"linux","architecture":"x86_64"}"#, "linux/amd64"),
            (r#"{"os":"linux","architecture":"aarch64","variant":"v8"}"#, "linux/arm64"),
            (r#"{"os":"linux","architecture":"arm64","variant":"v9"}"#, "linux/arm64/v9"),
            (r#"{"os":"Linux","architecture":"armhf"}"#, "linux/arm/v7"),
            (r#"{"os":"linux","architecture":"arm","variant":""}"#, "linux/arm"),
            (r#"{"os":"windows","architecture":"amd64","os.version":"10.0.1"}"#, "windows/amd64 10.0.1"),
        ] {
            assert_eq!(read(given).as_deref(), Some(want), "{given}");
        }
    }

    #[test]
    fn half_a_platform_is_none() {
        for text in
            [r#"{}"#, r#"{"os":"linux"}"#, r#"{"os":"","architecture":"amd64"}"#, r#"{"os":1,"architecture":"a"}"#]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
