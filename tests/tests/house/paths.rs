//! Every path that a file names: `use` lines with their trees flattened, paths in types, patterns and expressions, and what looks
//! like a path among the tokens of macros.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, Macro, Visibility};

use super::names::imports;
use super::sources::{ModulePath, Source};

/// A path, and the module in which it is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) module: ModulePath,
    pub(crate) path: Vec<String>,
}

/// What a file names by paths of two segments and more: whatever has one is defined beside it, or imported by a longer one.
pub(crate) fn paths(source: &Source) -> Vec<Named> {
    let mut walker = Walker { module: source.module.clone(), found: Vec::new() };
    source.items.iter().for_each(|item| walker.visit_item(item));
    walker.found
}

struct Walker {
    module: ModulePath,
    found: Vec<Named>,
}

impl Walker {
    fn found(&mut self, path: Vec<String>) {
        self.found.push(Named { module: self.module.clone(), path });
    }

    fn found_in(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (Vec::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.found_long(std::mem::take(&mut path));
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => colons += 1,
                other => {
                    self.found_long(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.found_in(group.stream());
                    }
                }
            }
        }
        self.found_long(path);
    }

    fn found_long(&mut self, path: Vec<String>) {
        if path.len() > 1 {
            self.found(path);
        }
    }
}

impl<'ast> Visit<'ast> for Walker {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        imports(item).into_iter().for_each(|import| self.found(import.path));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.found_long(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.visit_path(&item.path);
        self.found_in(item.tokens.clone());
    }

    // Who may see an item is no word about what the item needs, and comments need nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

#[test]
fn paths_are_found_wherever_they_may_stand() {
    use super::sources::Package;

    let text = "use a::{self, b::{C, D as E}, f::*};
        pub(in crate::hidden) struct S(g::H);
        mod inner { fn of() -> i::J { k::l(m::N { o: p::q }); match r { s::T(_) => vec![u::v(x.y), $crate::w::z] } } }";
    let package = Package::planted("planted", &[("lib.rs", text)]);
    let found: Vec<String> = paths(&package.sources[0]).iter().map(|named| named.path.join("::")).collect();
    let all = "a a::b::C a::b::D a::f g::H i::J k::l m::N p::q s::T u::v crate::w::z";
    assert_eq!(found, all.split(' ').collect::<Vec<_>>());
}
