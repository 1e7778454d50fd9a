//! A registry of the first protocol (Docker Registry API v1) in this process: tags that name images, images that are
//! chains of layers.
//!
//! It answers as docker-registry 0.9.1 does, in a spelling of its bodies that even the blanks agree with: paths are
//! matched as its Flask does it, names are stored as its file driver stores them, and its oddities follow from that.
//! What other servers of the protocol do otherwise, Docker Hub's index first of all, are switches of [`DockerV1Options`].

mod access;
mod answer;
mod archive;
mod download;
mod files;
mod image;
mod index;
mod like;
mod options;
mod path;
mod push;
mod route;
mod seed;
mod seed_names;
mod seed_odd;
mod server;
mod storage;
mod store;
mod tags;

#[cfg(test)]
mod tests;

pub use archive::{Archive, Entry};
pub use image::{Image, Sum};
pub use options::{Access, DockerV1Options, Endpoints, IndexRules, Page, Ranges, Search, TagForm};
pub use seed::catalogue;
pub use server::{DockerV1Server, start_docker_v1};
pub use store::{Repository, Store, Tag};
