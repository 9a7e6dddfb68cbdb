//! Secret keys: one type for each role, wiped on drop, compared in constant time, never printed.
//!
//! A key's role is part of its type, so that handing the key of one purpose to another does not compile. There is no
//! `Clone`, no `Display`, and `Debug` prints the role alone. [`Key::expose`] is the one door to the bytes.

use std::fmt;
use std::marker::PhantomData;

use subrosa_base::entropy::Entropy;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes in every symmetric key and in every seed of an asymmetric one.
pub const KEY_LEN: usize = 32;

/// What a key is for. Implemented by the markers in this module alone.
pub trait Role: sealed::Sealed + Send + Sync + 'static {
    /// The role's name, the only thing that `Debug` prints.
    const NAME: &'static str;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $role {}
        impl sealed::Sealed for $role {}
        impl Role for $role { const NAME: &'static str = $name; }
    )*};
}

roles! {
    /// KEK: opens the passphrase slot; from Argon2id.
    SlotRole = "SlotKey";
    /// PPK: opens only what must ask again; from the same run of Argon2id.
    ReauthRole = "ReauthKey";
    /// LK: the local key of this device; every row of the vault is sealed under a key derived from it.
    LocalRole = "LocalKey";
    /// Keys for sealing rows of the vault, derived from LK.
    RowRole = "RowKey";
    /// DSK: seed of the device's Ed25519 signing key.
    DeviceSigningRole = "DeviceSigningKey";
    /// DKK and PKK: seed of an X-Wing decapsulation key.
    WrapRole = "WrapKey";
    /// RS: seed of the recovery X-Wing key, on the recovery kit.
    RecoveryRole = "RecoverySeed";
    /// Seed of an X-Wing key that reads one backup back and is then destroyed.
    OneTimeRole = "OneTimeKey";
    /// VAK: seed of the practice's Ed25519 authority key.
    AuthorityRole = "AuthorityKey";
    /// TK: from which the transport keys of the weeks come, and each of these, the seed of an Ed25519 key.
    TransportRole = "TransportKey";
    /// ES: the secret of an epoch.
    EpochRole = "EpochSecret";
    /// Outer sealing key of an epoch, derived from ES.
    OuterRole = "OuterKey";
    /// CK: key of one compartment of one client.
    CompartmentRole = "CompartmentKey";
    /// PK: key of the pieces of one file.
    FileRole = "FileKey";
    /// VK: the practice key.
    PracticeRole = "PracticeKey";
    /// Seed of the X-Wing key on the practice's contact card.
    CardWrapRole = "CardWrapKey";
    /// Seed of the Ed25519 key on the practice's contact card.
    CardSigningRole = "CardSigningKey";
    /// A key agreed between two devices while they pair, or derived from such a one.
    PairingRole = "PairingKey";
    /// A key that protects one message of one protocol run.
    MessageRole = "MessageKey";
}

/// A secret of [`KEY_LEN`] bytes whose purpose is its type.
#[derive(ZeroizeOnDrop)]
pub struct Key<R: Role> {
    bytes: [u8; KEY_LEN],
    #[zeroize(skip)]
    role: PhantomData<R>,
}

impl<R: Role> Key<R> {
    /// Takes the bytes over and wipes the caller's copy.
    pub fn take(bytes: &mut [u8; KEY_LEN]) -> Self {
        let key = Self { bytes: *bytes, role: PhantomData };
        bytes.zeroize();
        key
    }

    /// Copies the key out of a slice, which must be [`KEY_LEN`] bytes long.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.try_into().ok()?;
        Some(Self { bytes, role: PhantomData })
    }

    /// A fresh key.
    pub fn random(entropy: &mut dyn Entropy) -> Self {
        let mut key = Self { bytes: [0; KEY_LEN], role: PhantomData };
        entropy.fill(&mut key.bytes);
        key
    }

    /// A second holder of the same key. Named, so that copies can be found by searching for it.
    pub fn duplicate(&self) -> Self {
        Self { bytes: self.bytes, role: PhantomData }
    }

    /// The bytes. Every use is a place to look at.
    pub fn expose(&self) -> &[u8; KEY_LEN] {
        &self.bytes
    }
}

impl<R: Role> PartialEq for Key<R> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes.ct_eq(&other.bytes).into()
    }
}

impl<R: Role> Eq for Key<R> {}

impl<R: Role> fmt::Debug for Key<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(R::NAME)
    }
}

/// A passphrase as it was typed: wiped on drop, never printed.
#[derive(ZeroizeOnDrop)]
pub struct Passphrase(String);

impl Passphrase {
    /// Takes over what was typed.
    pub fn new(typed: String) -> Self {
        Self(typed)
    }

    /// The characters. Every use is a place to look at.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_the_role_and_no_byte() {
        let key = Key::<LocalRole>::take(&mut [0xAB; 32]);
        assert_eq!(format!("{key:?}"), "LocalKey");
        assert_eq!(format!("{:?}", Passphrase::new("correct horse".into())), "Passphrase");
    }

    #[test]
    fn taking_a_key_wipes_where_it_came_from() {
        let mut bytes = [7; 32];
        let key = Key::<LocalRole>::take(&mut bytes);
        assert_eq!(bytes, [0; 32]);
        assert_eq!(key.expose(), &[7; 32]);
    }
}
