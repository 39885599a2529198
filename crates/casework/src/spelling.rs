//! Slips of the pen: the known name that was probably meant.
//! Knows letters alone.

/// Nobody means a name longer than this, and comparing them takes time.
const LONGEST: usize = 64;

/// So many names are compared and shown; a pack with more of one kind was made by a machine.
const MOST: usize = 300;
const SHOWN: usize = 40;

/// The known names, for a help text.
pub(crate) fn listed(known: &[&str]) -> String {
    let shown = known.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match known.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}

/// The known name that differs by the fewest letters, if it is near.
pub(crate) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    if name.len() > LONGEST {
        return None;
    }
    known
        .iter()
        .take(MOST)
        .filter(|k| k.len() <= LONGEST)
        .map(|k| (strsim::levenshtein(name, k), *k))
        .filter(|(d, _)| *d <= 1 + name.len() / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}
