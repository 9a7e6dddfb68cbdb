//! No catch-all over messages: whoever asks a command, an effect, an event or a job which variant it is names each of them, so
//! that a new variant which nobody answers does not compile.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Arm, ExprMatch, Item, ItemImpl, ItemMod, Pat, Path, Type};

use super::names::{Names, Target};
use super::sources::{ModulePath, Package, package};

/// An enum, by the module where it stands.
type Message = (ModulePath, String);

fn is_message(name: &str) -> bool {
    name == "Job" || ["Command", "Effect", "Event"].iter().any(|ending| name.ends_with(ending))
}

/// Every `match` over messages with an arm that takes whatever is left, in words.
fn catch_alls(package: &Package) -> Vec<String> {
    let names = Names::of(package);
    let mut messages = Enums { module: Vec::new(), found: BTreeSet::new() };
    for source in &package.sources {
        messages.module.clone_from(&source.module);
        source.items.iter().for_each(|item| messages.visit_item(item));
    }
    let mut found = Vec::new();
    for source in &package.sources {
        let module = source.module.clone();
        let mut walker = Matches { names: &names, messages: &messages.found, module, itself: None, found: Vec::new() };
        source.items.iter().for_each(|item| walker.visit_item(item));
        found.extend(walker.found.into_iter().map(|words| format!("{}: {words}", source.path)));
    }
    found
}

/// The enums of messages.
struct Enums {
    module: ModulePath,
    found: BTreeSet<Message>,
}

impl<'ast> Visit<'ast> for Enums {
    fn visit_item(&mut self, item: &'ast Item) {
        if let Item::Enum(item) = item
            && is_message(&item.ident.to_string())
        {
            self.found.insert((self.module.clone(), item.ident.to_string()));
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }
}

struct Matches<'n> {
    names: &'n Names,
    messages: &'n BTreeSet<Message>,
    module: ModulePath,
    /// What `Self` is here.
    itself: Option<Vec<String>>,
    found: Vec<String>,
}

/// What a pattern says of one place in what is matched.
enum Says {
    /// A variant of a message.
    Variant(String),
    /// Nothing: whatever is left.
    Anything,
}

impl Matches<'_> {
    /// The message of which a path names a variant, with the variant.
    fn variant(&self, path: &Path) -> Option<String> {
        let mut path: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.first().is_some_and(|first| first == "Self") {
            path.splice(..1, self.itself.clone()?);
        }
        // A variant may have been imported by its own name: its line says of what.
        if let [alone] = path.as_slice() {
            path = self.names.written_out(&self.module, alone)?;
        }
        let variant = path.pop()?;
        match self.names.resolve(&self.module, &path)? {
            Target::Inside { module, name: Some(name) } => {
                let named = format!("{name}::{variant}");
                self.messages.contains(&(module, name)).then_some(named)
            }
            _ => None,
        }
    }

    /// What a pattern says, with the place: what wraps it, outermost first.
    fn say(&self, pattern: &Pat, place: &str, said: &mut Vec<(String, Says)>) {
        if self.is_anything(pattern) {
            return said.push((place.to_owned(), Says::Anything));
        }
        let mut inside = |path: &Path, parts: &mut dyn Iterator<Item = (String, &Pat)>| {
            if let Some(variant) = self.variant(path) {
                said.push((place.to_owned(), Says::Variant(variant)));
            }
            let constructor = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            self.say_parts(&format!("{place}/{constructor}"), parts, said);
        };
        match pattern {
            Pat::Or(either) => either.cases.iter().for_each(|case| self.say(case, place, said)),
            Pat::Paren(paren) => self.say(&paren.pat, place, said),
            Pat::Reference(reference) => self.say(&reference.pat, place, said),
            Pat::Ident(bound) => match &bound.subpat {
                Some((_, pattern)) => self.say(pattern, place, said),
                None => inside(&bound.ident.clone().into(), &mut std::iter::empty()),
            },
            Pat::Path(path) => inside(&path.path, &mut std::iter::empty()),
            Pat::TupleStruct(of) => {
                inside(&of.path, &mut of.elems.iter().enumerate().map(|(i, part)| (i.to_string(), part)))
            }
            Pat::Struct(of) => {
                let mut parts = of.fields.iter().map(|field| (name_of(&field.member), &*field.pat));
                inside(&of.path, &mut parts);
            }
            Pat::Tuple(tuple) => {
                let mut parts = tuple.elems.iter().enumerate().map(|(i, part)| (i.to_string(), part));
                self.say_parts(&format!("{place}/"), &mut parts, said);
            }
            _ => {}
        }
    }

    /// Parts that all say nothing say nothing together; beside a part that tells something, one may say nothing.
    fn say_parts(&self, place: &str, parts: &mut dyn Iterator<Item = (String, &Pat)>, said: &mut Vec<(String, Says)>) {
        let parts: Vec<_> = parts.collect();
        if !parts.is_empty() && parts.iter().all(|(_, part)| self.is_anything(part)) {
            return said.push((place.to_owned(), Says::Anything));
        }
        for (name, part) in parts.into_iter().filter(|(_, part)| !self.is_anything(part)) {
            self.say(part, &format!("{place}/{name}"), said);
        }
    }

    /// `_`, `..`, or a name for whatever comes: constants and variants begin with a capital.
    fn is_anything(&self, pattern: &Pat) -> bool {
        match pattern {
            Pat::Wild(_) | Pat::Rest(_) => true,
            Pat::Ident(bound) => {
                bound.subpat.is_none() && bound.ident.to_string().starts_with(|c: char| !c.is_uppercase())
            }
            Pat::Paren(paren) => self.is_anything(&paren.pat),
            Pat::Reference(reference) => self.is_anything(&reference.pat),
            Pat::Tuple(tuple) => !tuple.elems.is_empty() && tuple.elems.iter().all(|part| self.is_anything(part)),
            _ => false,
        }
    }

    fn check(&mut self, arms: &[Arm]) {
        let mut variants = Vec::new();
        let mut anything = Vec::new();
        for arm in arms {
            let (pattern, is_guarded) = match &arm.pat {
                Pat::Guard(guarded) => (&*guarded.pat, true),
                pattern => (pattern, false),
            };
            let mut said = Vec::new();
            self.say(pattern, "", &mut said);
            for (place, says) in said {
                match says {
                    Says::Variant(name) => variants.push((place, name)),
                    Says::Anything if !is_guarded => anything.push(place),
                    Says::Anything => {}
                }
            }
        }
        let is_under = |place: &str, outer: &str| {
            place.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let missed = anything.iter().find_map(|outer| variants.iter().find(|(place, _)| is_under(place, outer)));
        if let Some((_, variant)) = missed {
            self.found.push(format!("a match over {variant} and others takes whatever is left"));
        }
    }
}

fn name_of(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(name) => name.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

impl<'ast> Visit<'ast> for Matches<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let itself = match &*item.self_ty {
            Type::Path(path) => Some(path.path.segments.iter().map(|segment| segment.ident.to_string()).collect()),
            _ => None,
        };
        let outer = std::mem::replace(&mut self.itself, itself);
        visit::visit_item_impl(self, item);
        self.itself = outer;
    }

    fn visit_expr_match(&mut self, item: &'ast ExprMatch) {
        self.check(&item.arms);
        visit::visit_expr_match(self, item);
    }
}

#[test]
fn every_match_over_messages_names_each_of_them() {
    assert_eq!(catch_alls(&package("subrosa")), [""; 0]);
}

#[test]
fn each_catch_all_over_messages_is_seen() {
    let found = |arms: &str| {
        let messages = "pub enum TrashCommand { Delete, Undelete(u8) } pub enum Command { Lock, Trash(TrashCommand), Go { to: u8 } }
            impl Command { fn own(&self) { match self { Self::Lock => 1, Self::Trash(_) | Self::Go { .. } => 2 } } }";
        let update = format!(
            "use crate::messages::{{Command, TrashCommand}}; use crate::messages::Command::Lock; use egui::Event;
            fn update(command: Command) {{ match command {{ {arms} }} }}"
        );
        catch_alls(&Package::planted("subrosa", &[("messages.rs", messages), ("update.rs", &update)])).len()
    };
    for sound in [
        "Command::Lock => 1, Command::Trash(_) => 2, Command::Go { to } => 3",
        "Command::Trash(TrashCommand::Delete) => 1, Command::Trash(TrashCommand::Undelete(_)) => 2, Command::Lock | Command::Go { .. } => 3",
        "Command::Lock => 1, other if other.is_old() => 2, Command::Trash(_) | Command::Go { .. } => 3",
        "Some(Command::Lock) => 1, Some(Command::Trash(_) | Command::Go { .. }) => 2, None => 3",
        "(Command::Lock, Some(a)) => 1, (Command::Lock, _) => 2, (Command::Trash(_) | Command::Go { .. }, _) => 3",
        "Event::Key(_) => 1, _ => 2",
        "Overlay::Delete => 1, _ => 2",
    ] {
        assert_eq!(found(sound), 0, "{sound}");
    }
    for breach in [
        "Command::Lock => 1, _ => 2",
        "crate::messages::Command::Lock => 1, other => 2",
        "Command::Lock => 1, Command::Go { .. } | _ => 2",
        "Lock => 1, other => 2",
        "Some(Command::Lock) => 1, _ => 2",
        "Some(Command::Lock) => 1, Some(_) => 2, None => 3",
        "Command::Lock => 1, ref other @ _ => 2",
        "(Command::Lock, 1) => 1, (_, _) => 2",
        "Command::Trash(TrashCommand::Delete) => 1, Command::Trash(_) => 2, Command::Lock | Command::Go { .. } => 3",
        "Command::Lock => match inner { TrashCommand::Delete => 1, _ => 2 }, Command::Trash(_) | Command::Go { .. } => 3",
    ] {
        assert_eq!(found(breach), 1, "{breach}");
    }
    let own = "pub enum SyncEvent { Came, Went } impl SyncEvent { fn is_news(&self) -> bool { match self { Self::Came => true, _ => false } } }";
    assert_eq!(catch_alls(&Package::planted("subrosa", &[("messages.rs", own)])).len(), 1, "through Self");
}
