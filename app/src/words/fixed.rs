//! How fixed words are written down.

/// Fixed words, one constant each.
macro_rules! words {
    ($($name:ident = $words:literal;)*) => {$(
        #[doc = concat!("“", $words, "”")]
        pub const $name: &str = $words;
    )*
        /// All of them, for the test that reads them.
        #[cfg(test)]
        pub(crate) const ALL: &[&str] = &[$($words),*];
    };
}
pub(crate) use words;
