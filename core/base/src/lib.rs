//! What everything above is written in: ids, the strict cursor over bytes, labels, lengths, names, time, and randomness as an
//! argument.
//!
//! Nothing here holds a key, knows a client or touches a disk.

pub mod codec;
pub mod entropy;
pub mod file_name;
pub mod fold;
pub mod id;
pub mod labels;
pub mod padding;
pub mod plain_text;
pub mod time;
