//! What the service keeps: namespaces, their repositories, their tags.

use std::collections::BTreeMap;

use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlaudaTag {
    pub tag: String,
    /// 64 hexadecimal digits; may be empty (§3.2).
    pub image_id: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AlaudaRepository {
    pub description: String,
    pub full_description: String,
    pub is_public: bool,
    pub is_starred: bool,
    pub stars: u64,
    pub download: u64,
    pub upload: u64,
    pub pulled_at: Option<String>,
    pub pushed_at: Option<String>,
    pub created: String,
    pub updated: String,
    pub created_by: String,
    /// What makes it an automated one (§6).
    pub build_config: Option<Value>,
    /// As they were pushed: the order of the list is not documented.
    pub tags: Vec<AlaudaTag>,
}

impl AlaudaRepository {
    pub fn is_automated(&self) -> bool {
        self.build_config.is_some()
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlaudaNamespace {
    pub company: Option<String>,
    pub created_at: String,
    /// Of somebody else: everything in it is 403.
    pub foreign: bool,
    pub repositories: BTreeMap<String, AlaudaRepository>,
}

/// Everything, by namespace. Each but the user's own is an organisation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlaudaStore {
    pub namespaces: BTreeMap<String, AlaudaNamespace>,
}
