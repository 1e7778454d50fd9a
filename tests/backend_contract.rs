//! What every backend has to keep, whatever system it speaks to; and what those of OCI registries keep besides.

mod every;
mod oci;
mod servers;
