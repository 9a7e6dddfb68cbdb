//! Nothing that was acknowledged is ever lost: power cuts at any moment, disks that fail, and mistakes planted to see
//! that these tests would notice.

mod failing;
mod full;
mod power_cuts;
mod reading;
mod saved;
mod workday;
