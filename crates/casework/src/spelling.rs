//! Slips of the pen: the known name that was probably meant.
//! Knows letters alone.

/// Nobody means a name longer than this, and comparing them takes time.
const LONGEST: usize = 64;

/// The known name that differs by the fewest letters, if it is near.
pub(crate) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    if name.len() > LONGEST {
        return None;
    }
    known
        .iter()
        .filter(|k| k.len() <= LONGEST)
        .map(|k| (strsim::levenshtein(name, k), *k))
        .filter(|(d, _)| *d <= 1 + name.len() / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}
