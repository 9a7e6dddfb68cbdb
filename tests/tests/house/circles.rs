//! Circles in a graph: sets in which each reaches each other.

use std::collections::{BTreeMap, BTreeSet};

/// Who leads to whom, and by what.
pub(crate) type Graph = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The circles of two and more, the largest first.
pub(crate) fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|from| (from.as_str(), reach(graph, from))).collect();
    let mut found: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for (from, to) in &reached {
        let back = to.iter().filter(|to| reached.get(**to).is_some_and(|back| back.contains(from)));
        let circle: BTreeSet<String> = back.map(|name| (*name).to_owned()).chain([(*from).to_owned()]).collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}

fn reach<'g>(graph: &'g Graph, from: &str) -> BTreeSet<&'g str> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(name) = open.pop() {
        for next in graph.get(name).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    reached
}

/// What leads from one to another within a circle, a line for each two.
pub(crate) fn within(graph: &Graph, circle: &BTreeSet<String>) -> Vec<String> {
    let from = graph.iter().filter(|(from, _)| circle.contains(*from));
    let both = from.flat_map(|(from, to)| to.iter().map(move |(to, by)| (from, to, by)));
    let line = |(from, to, by): (&String, &String, &BTreeSet<String>)| {
        format!("{from} leads to {to}: {}", by.iter().cloned().collect::<Vec<_>>().join(" "))
    };
    both.filter(|(_, to, _)| circle.contains(*to)).map(line).collect()
}

#[test]
fn a_circle_is_found_with_all_that_belong_to_it_and_nobody_else() {
    let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned(), of(&["way"]));
        }
        graph
    };
    assert_eq!(circles(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])), []);
    let two = graph(&[("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e"), ("e", "d"), ("e", "f"), ("g", "a")]);
    assert_eq!(circles(&two), [of(&["a", "b", "c"]), of(&["d", "e"])]);
    assert_eq!(within(&two, &of(&["d", "e"])), ["d leads to e: way", "e leads to d: way"]);
}
