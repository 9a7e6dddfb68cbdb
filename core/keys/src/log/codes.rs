//! The one-byte codes of the log: classes, kinds and types, each with a place for those that a later version adds.
//!
//! A code without a name here is kept, forwarded and counted, never dropped, so every byte has a value.

use std::num::NonZeroU8;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident of $other:ty { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// A code of a later version; never one that has a name here.
            Unknown($other),
        }

        impl $name {
            /// What the code says.
            pub fn of(code: $other) -> Self {
                match u8::from(code) {
                    $($code => Self::$variant,)*
                    _ => Self::Unknown(code),
                }
            }

            /// The byte that is written.
            pub fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown(code) => u8::from(code),
                }
            }
        }
    )*};
}

codes! {
    /// What an envelope is for, as far as everybody may know.
    Class of u8 {
        /// Day-to-day work.
        Everyday = 1,
        /// A part of an import: large, and sent after everything else.
        Import = 2,
    }

    /// What an item is. Never 0: that is where the padding begins.
    Kind of NonZeroU8 {
        /// A roster entry, under no key.
        Roster = 1,
        /// A keyring part, under no key.
        Keyring = 2,
        /// An imported document, never changed.
        Frozen = 16,
        /// Automerge changes of a draft.
        Changes = 17,
        /// A signed note or addendum.
        Signed = 18,
        /// The deletion of a document as far as its author had seen it.
        Delete = 19,
        /// A colleague's contact card, under the practice key.
        Colleague = 20,
        /// A record that was handed out: to whom, what, why.
        Disclosure = 21,
        /// A file that was attached; under no key, the hashes of its pieces.
        File = 22,
        /// A deletion taken back.
        Restore = 23,
        /// A note that was begun on the wrong client goes to the right one.
        Moved = 24,
        /// Two records of one person are one, or two again.
        Merged = 25,
        /// The draft of a signed note is closed; envelopes whose bodies go with it. Under the practice key.
        Closed = 26,
        /// What its device cannot open and nothing on its way will: keys and epochs, asked of whoever has them. Under the practice
        /// key.
        Lacking = 27,
        /// What its device says of itself: its name, and its public transport keys by week. Under the practice key.
        Device = 28,
        /// A setting of the whole practice, as its device said it last. Under the practice key.
        Setting = 29,
    }

    /// What a document is about; with it goes the compartment whose key seals it.
    DocType of u8 {
        /// Who a client is. Identity compartment.
        Client = 1,
        /// A note of the record. Clinical compartment.
        Note = 2,
        /// Filled-in instruments. Clinical compartment.
        Measures = 3,
        /// A note kept apart from the record. Process compartment.
        ProcessNote = 4,
        /// An attached file. Clinical compartment, or process compartment.
        File = 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_a_code_and_writes_itself_again() {
        for byte in 0..=u8::MAX {
            assert_eq!(Class::of(byte).code(), byte);
            assert_eq!(DocType::of(byte).code(), byte);
            assert!(NonZeroU8::new(byte).is_none_or(|code| Kind::of(code).code() == byte));
        }
    }

    #[test]
    fn a_named_code_is_never_read_as_unknown() {
        assert_eq!(Kind::of(NonZeroU8::new(18).unwrap()), Kind::Signed);
        assert_eq!(Class::of(2), Class::Import);
        assert_eq!(Class::of(77), Class::Unknown(77));
    }
}
