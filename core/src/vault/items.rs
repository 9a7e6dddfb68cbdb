//! Items as plain values: what their payloads say, what rows keep of them, and judges over sets of them. No vault.

pub(crate) mod boot;
pub(crate) mod deletion;
pub(crate) mod file;
pub(crate) mod frozen;
pub(crate) mod home;
pub(crate) mod keys;
pub(crate) mod ledger;
pub(crate) mod mass_deletion;
pub(crate) mod material;
pub(crate) mod merge;
pub(crate) mod note;
pub(crate) mod place;
pub(crate) mod pruning;
pub(crate) mod signed;
pub(crate) mod signing;
