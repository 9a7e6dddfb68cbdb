//! A therapist's records as a folder of plain files: the names in it, and the reading of one that comes from anywhere.
//!
//! What parses a stranger's folder holds no key and no vault: it hands out plain values and problems.

pub mod folder_format;
pub mod import;
